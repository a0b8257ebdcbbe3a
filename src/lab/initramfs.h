// SPDX-License-Identifier: GPL-2.0
/// The root filesystem of the lab's guests.
///
/// It is made of parts, each an archive of its own in the cache, because they change at different
/// times. The kernel unpacks archives that follow each other as one:
///
///     base     this program as /bin/daxbreak and /init, busybox, mkfs, ndctl, their libraries,
///              /etc/daxbreak (configs/)
///     modules  one kernel's drivers and /lib/modules/daxbreak.list
///     fio      fio and its libraries: ten times the rest (Debian's links Ceph and GlusterFS), so
///              only where it is asked for
///
/// Nothing is compressed: unpacking costs an emulated guest more than reading.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "lab/cache.h"
#include "lab/kernel_fetch.h"
#include "lab/modules.h"

namespace daxbreak {

/// Where /init loads its modules from: one line for each, in order, "PATH PARAMETERS", the path
/// absolute in the guest, parameters possibly none. The files are not compressed.
constexpr const char* guest_module_list = "/lib/modules/daxbreak.list";

/// What goes into a guest besides the kernel's drivers.
struct GuestContents {
  std::filesystem::path program;  ///< this program; /proc/self/exe in ordinary use
  std::filesystem::path configs;  ///< the folder configs/, copied
  bool fio = false;               ///< the fio part too
};

/// One archive in the cache.
struct GuestPart {
  std::string name;
  std::filesystem::path archive;
  std::uint64_t bytes = 0;
};

/// A guest's root filesystem.
struct GuestImage {
  std::vector<GuestPart> parts;
  std::vector<std::string> missing_drivers;  ///< ModulePlan::missing
  [[nodiscard]] std::uint64_t bytes() const;
};

/// Builds the parts that the cache does not have. Errors name the program that is not installed,
/// the driver the kernel lacks, or the space that is missing. Parts stay at least a day after their
/// last use; join them (join_initrd()) before that. When `stop` asks for the end: ECANCELED.
[[nodiscard]] Result<GuestImage> build_initramfs(const KernelImage& kernel,
                                                 const GuestContents& contents, const Cache& cache,
                                                 const TellStage& tell,
                                                 const std::stop_token& stop = {});

/// Writes the parts one after the other to one file, for QEMU's -initrd.
[[nodiscard]] Result<void> join_initrd(const GuestImage& image, const std::filesystem::path& file);

/// The shared libraries, the loader included, that programs need to run, by the names they ask for;
/// none for a static one. Source: the loader itself, through ldd(1).
[[nodiscard]] Result<std::vector<std::filesystem::path>> libraries_of(
    const std::filesystem::path& program);

/// What libraries_of() reads: ldd's output. Pure.
[[nodiscard]] Result<std::vector<std::filesystem::path>> parse_ldd(std::string_view output,
                                                                   std::string_view program);

}  // namespace daxbreak
