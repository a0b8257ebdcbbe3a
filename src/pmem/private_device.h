// SPDX-License-Identifier: GPL-2.0
/// The kernel's test driver for memory that a device takes (lib/test_hmm.c, CONFIG_TEST_HMM):
/// anonymous pages of a process go to a device. If the processor cannot read it (device-private)
/// they come back by faults; if it can (device-coherent) they stay until they are moved back.
/// "Private" in names here and in what builds on this means either: the driver's interface is one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "kernel/page.h"
#include "pmem/device_memory.h"

namespace daxbreak {

/// Where the driver's first device of that kind is, made with mknod(2) if need be: before 5.17 the
/// driver announces a number and no node (lib/test_hmm.c, dmirror_device_init(): cdev_add() alone).
/// An Error whose `doing` says why, with ENODEV, where the kernel has no such driver or the driver
/// no such device.
[[nodiscard]] Result<std::filesystem::path> find_private_device(DeviceMemory kind);

/// The frames of all the driver's devices of that kind. Root only.
/// device-private: those that they pretend to have, from /proc/iomem; the driver adds 256 MiB where
/// they do not suffice. device-coherent: those that the driver's parameters give it, of which
/// /proc/iomem says nothing (dmirror_allocate_chunk() requests no region for them).
[[nodiscard]] Result<std::vector<PfnRange>> private_device_frames(DeviceMemory kind);

/// The same of a text in the form of /proc/iomem. Pure.
[[nodiscard]] std::vector<PfnRange> private_frames_in(std::string_view iomem);

/// The frames of a device-coherent device whose parameter (spm_addr_dev0, spm_addr_dev1) reads so;
/// nothing if it is 0, as it is where the kernel's command line does not say otherwise. Pure.
[[nodiscard]] std::optional<PfnRange> coherent_frames_at(std::string_view parameter);

/// The device's frame that an entry of /proc/PID/pagemap holds, if it is one of `known`: a page
/// that is present (device-coherent), or an entry that is not (device-private). Pure.
[[nodiscard]] std::optional<Pfn> device_frame_of(std::uint64_t entry,
                                                 std::span<const PfnRange> known);

/// How a migration went.
struct Moved {
  int error = 0;            ///< 0 or errno: ENOENT if some page was not moved
  std::uint64_t pages = 0;  ///< that the driver has, counted until the first it has not
};

/// This process's memory as the device sees it. Opened anew it knows no memory. Closing any of them
/// makes the driver of 6.1 and later move all pages of all processes back (dmirror_fops_release()).
class PrivateMirror {
 public:
  /// Of this process: a child needs its own, the driver keeps to the mm that opened the file.
  [[nodiscard]] static Result<PrivateMirror> open(const std::filesystem::path& device);
  /// Of a descriptor that somebody else owns.
  [[nodiscard]] static PrivateMirror of(int fd) { return PrivateMirror(fd); }

  [[nodiscard]] int fd() const { return own_.get() >= 0 ? own_.get() : fd_; }

  /// The descriptor, to be kept open by whoever takes it.
  [[nodiscard]] int give_away() { return own_.release(); }

  /// Moves these pages to the device. `copy` is as long as they are, and receives what the device
  /// has then. All of them are one VMA's.
  [[nodiscard]] Moved to_device(std::span<std::byte> pages, std::span<std::byte> copy) const;

  /// Moves them back to ordinary memory (HMM_DMIRROR_MIGRATE_TO_SYS, since 5.19). Not to be called
  /// where has_to_system() is false: the number means something else there.
  [[nodiscard]] Moved to_system(std::span<std::byte> pages) const;
  [[nodiscard]] bool has_to_system() const;

 private:
  explicit PrivateMirror(int fd) : fd_(fd) {}
  explicit PrivateMirror(Fd fd) : own_(std::move(fd)) {}

  Fd own_;
  int fd_ = -1;
};

/// The device's frame behind each page of this process's memory; nothing for a page that is not on
/// a device. Root only.
[[nodiscard]] Result<std::vector<std::optional<Pfn>>> private_frames(
    std::span<const std::byte> pages);

}  // namespace daxbreak
