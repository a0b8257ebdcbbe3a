// SPDX-License-Identifier: GPL-2.0
#include "pmem/private_device.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <charconv>
#include <string>

#include "base/file.h"
#include "base/text.h"
#include "pmem/mapping.h"
#include "pmem/pagemap.h"

namespace daxbreak {
namespace {

/// Minor numbers: the private devices are 0 and 1, the coherent ones 2 and 3 (lib/test_hmm.c,
/// hmm_dmirror_init()).
unsigned first_minor(DeviceMemory kind) {
  return kind == DeviceMemory::device_coherent ? 2 : 0;
}
/// Of both a private and a coherent device (DEVMEM_CHUNK_SIZE); the latter has one and no more.
constexpr std::uint64_t chunk_size = 256ULL << 20U;
constexpr const char* parameters = "/sys/module/test_hmm/parameters/spm_addr_dev";

// lib/test_hmm_uapi.h, which is not among the exported headers. Numbers 0x00 to 0x02 have been the
// same since 5.8; 0x03 was HMM_DMIRROR_SNAPSHOT before 5.19.
struct DmirrorCommand {
  std::uint64_t address = 0;
  std::uint64_t copy = 0;
  std::uint64_t pages = 0;
  std::uint64_t done = 0;
  std::uint64_t faults = 0;
};
constexpr unsigned long migrate_to_device = _IOWR('H', 0x02, DmirrorCommand);
constexpr unsigned long migrate_to_system = _IOWR('H', 0x03, DmirrorCommand);
constexpr unsigned long check_exclusive = _IOWR('H', 0x06, DmirrorCommand);  // since 5.19

std::uint64_t address_of(const std::byte* at) {
  return reinterpret_cast<std::uintptr_t>(at);
}

/// The driver's major number in /proc/devices.
std::optional<unsigned> driver_number(std::string_view devices) {
  for (const std::string_view line : split(devices, "\n")) {
    const std::string_view entry = trim(line);
    if (!entry.ends_with(" HMM_DMIRROR")) continue;
    unsigned number = 0;
    if (std::from_chars(entry.data(), entry.data() + entry.size(), number).ec == std::errc{})
      return number;
  }
  return std::nullopt;
}

/// Of both coherent devices; none unless both have an address (hmm_dmirror_init()).
std::vector<PfnRange> coherent_frames() {
  std::vector<PfnRange> found;
  for (const char* const device : {"0", "1"}) {
    const auto text = read_file(std::string(parameters) + device);
    const auto frames = text ? coherent_frames_at(*text) : std::nullopt;
    if (!frames) return {};
    found.push_back(*frames);
  }
  return found;
}

Moved command(int fd, unsigned long what, std::span<std::byte> pages, std::byte* copy) {
  DmirrorCommand command{.address = address_of(pages.data()),
                         .copy = copy == nullptr ? 0 : address_of(copy),
                         .pages = pages.size() / small_page};
  const int failed = ::ioctl(fd, what, &command) == 0 ? 0 : errno;
  return {.error = failed, .pages = command.done};
}

}  // namespace

Result<std::filesystem::path> find_private_device(DeviceMemory kind) {
  auto devices = read_file("/proc/devices");
  if (!devices) return devices.error();
  const auto number = driver_number(*devices);
  if (!number) return Error{"this kernel has no test_hmm (CONFIG_TEST_HMM)", ENODEV};
  if (kind == DeviceMemory::device_coherent) {
    if (!read_file(std::string(parameters) + "0"))
      return Error{"this kernel's test_hmm has no device-coherent memory (it came with 5.19)",
                   ENODEV};
    if (coherent_frames().empty())
      return Error{
          "test_hmm was given no device-coherent memory (test_hmm.spm_addr_dev0= and _dev1=)",
          ENODEV};
  }
  const unsigned minor_number = first_minor(kind);
  const std::string node = "/dev/hmm_dmirror" + std::to_string(minor_number);
  const dev_t wanted = makedev(*number, minor_number);
  struct stat now {};
  if (::stat(node.c_str(), &now) == 0 && S_ISCHR(now.st_mode) && now.st_rdev == wanted)
    return std::filesystem::path(node);
  if (::mknod(node.c_str(), S_IFCHR | 0600, wanted) != 0 && errno != EEXIST)
    return errno_error("make " + node);
  return std::filesystem::path(node);
}

std::vector<PfnRange> private_frames_in(std::string_view iomem) {
  std::vector<PfnRange> found;
  for (const std::string_view line : split(iomem, "\n")) {
    const std::string_view entry = trim(line);
    if (!entry.ends_with(": hmm_dmirror")) continue;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    const char* const end = entry.data() + entry.size();
    const auto [dash, bad] = std::from_chars(entry.data(), end, first, 16);
    if (bad != std::errc{} || dash == end || *dash != '-') continue;
    if (std::from_chars(dash + 1, end, last, 16).ec != std::errc{} || last <= first) continue;
    found.push_back({.first = first / small_page, .count = (last - first + 1) / small_page});
  }
  return found;
}

std::optional<PfnRange> coherent_frames_at(std::string_view parameter) {
  const std::string_view text = trim(parameter);
  std::uint64_t address = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), address).ec != std::errc{} ||
      address == 0)
    return std::nullopt;
  return PfnRange{.first = address / small_page, .count = chunk_size / small_page};
}

std::optional<Pfn> device_frame_of(std::uint64_t entry, std::span<const PfnRange> known) {
  // fs/proc/task_mmu.c, pte_to_pagemap_entry(): bit 62 is a swap entry of any kind; its offset,
  // from bit 5 on, is the frame of a device-private page. That it is none of a swap file's is told
  // by the range it lies in.
  constexpr std::uint64_t swapped = 1ULL << 62U;
  constexpr std::uint64_t offset_bits = (1ULL << 50U) - 1;
  const bool present = (entry & pagemap_present) != 0;
  if (!present && (entry & swapped) == 0) return std::nullopt;
  const Pfn frame = present ? entry & pagemap_frame : (entry >> 5U) & offset_bits;
  for (const PfnRange& range : known)
    if (frame >= range.first && frame - range.first < range.count) return frame;
  return std::nullopt;
}

Result<std::vector<PfnRange>> private_device_frames(DeviceMemory kind) {
  if (kind == DeviceMemory::device_coherent) return coherent_frames();
  auto iomem = read_file("/proc/iomem");
  if (!iomem) return iomem.error();
  auto frames = private_frames_in(*iomem);
  if (frames.empty())
    return Error{"/proc/iomem shows no hmm_dmirror: the kernel shows addresses to root only",
                 EPERM};
  return frames;
}

Result<PrivateMirror> PrivateMirror::open(const std::filesystem::path& device) {
  auto fd = open_file(device, O_RDWR);
  if (!fd) return fd.error();
  return PrivateMirror(std::move(*fd));
}

Moved PrivateMirror::to_device(std::span<std::byte> pages, std::span<std::byte> copy) const {
  return command(fd(), migrate_to_device, pages, copy.data());
}

Moved PrivateMirror::to_system(std::span<std::byte> pages) const {
  return command(fd(), migrate_to_system, pages, nullptr);
}

bool PrivateMirror::has_to_system() const {
  // Of an address that the driver knows nothing of; only an unknown number is EINVAL then.
  DmirrorCommand nothing{.address = small_page, .pages = 1};
  return ::ioctl(fd(), check_exclusive, &nothing) == 0 || errno != EINVAL;
}

Result<std::vector<std::optional<Pfn>>> private_frames(std::span<const std::byte> pages) {
  auto pagemap = Pagemap::open();
  if (!pagemap) return pagemap.error();
  std::vector<std::uint64_t> entries(pages.size() / small_page);
  if (auto read = pagemap->read(pages.data(), entries); !read) return read.error();
  auto known = private_device_frames(DeviceMemory::device_private);
  if (!known) return known.error();
  const auto coherent = coherent_frames();
  known->insert(known->end(), coherent.begin(), coherent.end());
  std::vector<std::optional<Pfn>> frames;
  frames.reserve(entries.size());
  for (const std::uint64_t entry : entries)
    frames.push_back(device_frame_of(entry, *known));
  return frames;
}

}  // namespace daxbreak
