// SPDX-License-Identifier: GPL-2.0
/// KVM where it really runs a stock kernel, software emulation where it does not.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include "base/result.h"

namespace daxbreak {

/// How guests are executed, and why so.
struct Accelerator {
  std::string name;         ///< "kvm" or "tcg"
  std::string why;          ///< one sentence for a person
  bool remembered = false;  ///< taken from the cache: has been said before
};

/// What a probe needs.
struct AcceleratorProbe {
  std::filesystem::path vmlinuz;    ///< a stock kernel to boot
  std::filesystem::path temporary;  ///< folder for the probe's console
  std::filesystem::path cache;      ///< folder in which the answer is remembered; empty: nowhere
};

/// Finds out by booting `vmlinuz` under KVM up to its panic for want of a root filesystem, within
/// 8 s. /dev/kvm can open, and even create a VM, on hosts (nested, without the hardware's help)
/// where a kernel then hangs in its first instructions. No /dev/kvm, or no permission: tcg at
/// once. The answer is remembered for this host kernel, processor, QEMU and /dev/kvm.
/// An Error only where even tcg is out of question: QEMU is missing, or a stop was requested.
[[nodiscard]] Result<Accelerator> probe_accelerator(const AcceleratorProbe& probe,
                                                    const std::stop_token& stop);

/// Forgets the remembered answer, so that the next probe boots again.
void forget_accelerator(const std::filesystem::path& cache);

}  // namespace daxbreak
