// SPDX-License-Identifier: GPL-2.0
/// One virtual machine: a QEMU process with emulated NVDIMMs and a port to talk through.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"
#include "lab/console.h"

namespace daxbreak {

/// How big the machines are.
struct MachineSize {
  std::uint64_t memory = 1536UL << 20;  ///< bytes of ordinary memory
  unsigned cpus = 2;
  unsigned nvdimms = 2;                     ///< 0 for none
  std::uint64_t nvdimm_size = 512UL << 20;  ///< bytes of each; a multiple of 16 MiB
  std::filesystem::path nvdimm_folder;      ///< backing files there (unlinked); empty: in memory
  bool special_memory = false;              ///< 512 MiB for devices, beside all other memory

  /// Host memory a machine may come to need, bytes.
  [[nodiscard]] std::uint64_t host_memory() const;
};

/// What to boot.
struct MachineSpec {
  std::filesystem::path vmlinuz;
  std::filesystem::path initrd;  ///< may be empty
  std::string append;            ///< the kernel's command line after console= and panic=
  std::string accelerator;       ///< "kvm" or "tcg"
  MachineSize size;
  std::filesystem::path console;  ///< file for the serial console; made anew
  std::filesystem::path log;      ///< file for QEMU's own words; made anew
  bool terminal = false;          ///< console on our terminal instead; shares our process group
};

/// The arguments for QEMU, argv[0] included. The port's socket is descriptor 3, the NVDIMMs'
/// backing files (if any) are 4 and up. Pure.
[[nodiscard]] std::vector<std::string> qemu_arguments(const MachineSpec& spec);

/// An Error, with the cure, for sizes QEMU or the kernel cannot work with. Pure.
Result<void> check_size(const MachineSize& size);

/// The kernel parameters that give the special memory to the driver of device-coherent memory; ""
/// for a machine without. Pure.
[[nodiscard]] std::string special_memory_parameters(const MachineSize& size);

/// "qemu-system-x86_64" on PATH, or an Error that names the Debian package.
[[nodiscard]] Result<std::string> find_qemu();

/// A running QEMU. Killed with its process group when this goes away; dies with the thread that
/// started it (PR_SET_PDEATHSIG counts from the thread), so that none survives us in any case.
class Machine {
 public:
  [[nodiscard]] static Result<Machine> start(const MachineSpec& spec);
  Machine(Machine&& other) noexcept;
  Machine& operator=(Machine&& other) noexcept;
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  ~Machine();

  /// Non-blocking stream socket to the guest's port.
  [[nodiscard]] int port() const { return port_.get(); }
  /// Becomes readable when QEMU has ended (pidfd).
  [[nodiscard]] int exit_fd() const { return exit_.get(); }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] const Console& console() const { return console_; }

  /// Waits for QEMU to end by itself: true if it has.
  [[nodiscard]] bool wait_exit(Nanos limit);
  /// True if QEMU has ended by a failure of its own (a guest's reset or power-off is none).
  [[nodiscard]] bool failed() const;
  /// Kills it now. Harmless if it has ended.
  void kill();
  /// The last words of QEMU itself ("could not open kernel file"), or "".
  [[nodiscard]] std::string complaint() const;

 private:
  Machine() = default;
  pid_t pid_ = -1;
  bool own_group_ = true;
  Fd exit_;
  Fd port_;
  Console console_;
  std::filesystem::path log_;
};

}  // namespace daxbreak
