// SPDX-License-Identifier: GPL-2.0
#include "pmem/mapping.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <libpmem2.h>
#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "base/file.h"

namespace daxbreak {
namespace {

template <class Handle, int (*Delete)(Handle**)>
struct Deleter {
  void operator()(Handle* handle) const { (void)Delete(&handle); }
};
using Source = std::unique_ptr<pmem2_source, Deleter<pmem2_source, pmem2_source_delete>>;
using Config = std::unique_ptr<pmem2_config, Deleter<pmem2_config, pmem2_config_delete>>;
using Map = std::unique_ptr<pmem2_map, Deleter<pmem2_map, pmem2_map_delete>>;

// libpmem2 returns negative errno values, or codes of its own below -100000, and has a sentence for
// either. (Its pmem2_err_to_errno() is declared, but Debian 12's library does not export it.)
Error pmem2_error(const std::string& doing, int code) {
  const char* said = pmem2_errormsg();
  if (said != nullptr && *said != '\0') return Error{doing + " (" + said + ")"};
  if (code > PMEM2_E_UNKNOWN) return Error{doing, -code};
  return Error{fmt::format("{} (libpmem2 code {})", doing, code)};
}

}  // namespace

struct FileMapping::State {
  Map map;
};

FileMapping::FileMapping(std::unique_ptr<State> state) : state_(std::move(state)) {}
FileMapping::FileMapping(FileMapping&&) noexcept = default;
FileMapping& FileMapping::operator=(FileMapping&&) noexcept = default;
FileMapping::~FileMapping() = default;

Result<FileMapping> FileMapping::map(int fd, std::size_t page_size) {
  if (page_size != small_page && page_size != huge_page)
    return Error{fmt::format("map with pages of {} bytes", page_size), EINVAL};
  const std::string doing = "map the file through libpmem2";

  pmem2_source* raw_source = nullptr;
  if (const int code = pmem2_source_from_fd(&raw_source, fd); code != 0)
    return pmem2_error(doing, code);
  const Source source(raw_source);
  pmem2_config* raw_config = nullptr;
  if (const int code = pmem2_config_new(&raw_config); code != 0) return pmem2_error(doing, code);
  const Config config(raw_config);
  // The weakest demand: what the medium really gives is read back by granularity().
  if (const int code =
          pmem2_config_set_required_store_granularity(config.get(), PMEM2_GRANULARITY_PAGE);
      code != 0)
    return pmem2_error(doing, code);
  pmem2_map* raw_map = nullptr;
  if (const int code = pmem2_map_new(&raw_map, config.get(), source.get()); code != 0)
    return pmem2_error(doing, code);
  auto state = std::make_unique<State>(State{Map(raw_map)});
  FileMapping mapping(std::move(state));

  if (page_size == small_page) {
    // Before any touch: a PMD fault looks at VM_NOHUGEPAGE before it asks the filesystem
    // (mm/memory.c, __handle_mm_fault()), and does not look again.
    if (::madvise(mapping.data(), mapping.size(), MADV_NOHUGEPAGE) != 0)
      return errno_error("forbid huge pages in the mapping (MADV_NOHUGEPAGE)");
  } else if (reinterpret_cast<std::uintptr_t>(mapping.data()) % huge_page != 0) {
    // libpmem2 1.12 aligns mappings of 2 MiB and more by itself (src/libpmem2/map_posix.c,
    // get_map_alignment()), so this says that the file is too short.
    return Error{
        fmt::format("a mapping of {} bytes is not aligned to 2 MiB: for huge pages the "
                    "file must have at least 2 MiB",
                    mapping.size())};
  }
  return mapping;
}

std::byte* FileMapping::data() const {
  return static_cast<std::byte*>(pmem2_map_get_address(state_->map.get()));
}

std::size_t FileMapping::size() const {
  return pmem2_map_get_size(state_->map.get());
}

std::string FileMapping::granularity() const {
  switch (pmem2_map_get_store_granularity(state_->map.get())) {
    case PMEM2_GRANULARITY_BYTE:
      return "byte";
    case PMEM2_GRANULARITY_CACHE_LINE:
      return "cache-line";
    case PMEM2_GRANULARITY_PAGE:
      return "page";
  }
  return "unknown";
}

Result<void> FileMapping::unmap() {
  pmem2_map* raw = state_->map.release();
  if (raw == nullptr) return ok();
  const int code = pmem2_map_delete(&raw);
  return code == 0 ? ok() : Result<void>(pmem2_error("unmap the file", code));
}

Result<bool> mapped_by_pmd(const std::byte* address) {
  constexpr std::size_t pages = huge_page / small_page;
  constexpr std::uint64_t present = 1ULL << 63;  // Documentation/admin-guide/mm/pagemap.rst
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  const std::size_t own = at % huge_page / small_page;
  auto pagemap = open_file("/proc/self/pagemap", O_RDONLY);
  if (!pagemap) return pagemap.error();
  std::array<std::uint64_t, pages> entries{};
  const ssize_t got = ::pread(pagemap->get(), entries.data(), sizeof(entries),
                              static_cast<off_t>((at - at % huge_page) / small_page * 8));
  if (got != static_cast<ssize_t>(sizeof(entries)))
    return got < 0 ? errno_error("read /proc/self/pagemap")
                   : Error{"read /proc/self/pagemap: the end of the address space"};
  if ((entries[own] & present) == 0)
    return Error{"the page has not been touched, so pagemap cannot tell its size"};
  // DAX has no fault-around (fs/dax.c maps one entry per fault; xfs_filemap_map_pages() of 5.10
  // skips value entries), so a present neighbour came with the same fault: a PMD.
  for (const std::uint64_t entry : entries)
    if ((entry & present) == 0) return false;
  return true;
}

}  // namespace daxbreak
