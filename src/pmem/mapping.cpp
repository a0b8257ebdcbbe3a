// SPDX-License-Identifier: GPL-2.0
#include "pmem/mapping.h"

#include <fmt/format.h>
#include <libpmem2.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>
#include <variant>

#include "pmem/pagemap.h"

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

/// A mapping made without libpmem2, and whole pages of address space.
class Mmapped {
 public:
  Mmapped() = default;
  Mmapped(std::byte* data, std::size_t size) : data_(data), size_(size) {}
  Mmapped(Mmapped&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Mmapped& operator=(Mmapped&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Mmapped() { static_cast<void>(unmap()); }

  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }

  Result<void> unmap() {
    std::byte* const data = std::exchange(data_, nullptr);
    if (data != nullptr && ::munmap(data, size_) != 0) return errno_error("unmap the file");
    return ok();
  }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

Result<Map> map_with_libpmem2(int fd, const MapHow& how) {
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
  if (const int code =
          pmem2_config_set_sharing(config.get(), how.shared ? PMEM2_SHARED : PMEM2_PRIVATE);
      code != 0)
    return pmem2_error(doing, code);
  const unsigned protection = PMEM2_PROT_READ | (how.writable ? PMEM2_PROT_WRITE : 0U);
  if (const int code = pmem2_config_set_protection(config.get(), protection); code != 0)
    return pmem2_error(doing, code);
  pmem2_map* raw_map = nullptr;
  if (const int code = pmem2_map_new(&raw_map, config.get(), source.get()); code != 0)
    return pmem2_error(doing, code);
  return Map(raw_map);
}

// An address of the kernel's choice is aligned for DAX files only where it happens to have room
// (mm/huge_memory.c, thp_get_unmapped_area()), so addresses for the mapping and to align it in are
// set aside first.
Result<Mmapped> map_aligned(int fd, std::size_t size, std::size_t alignment, int protection,
                            int flags) {
  const std::string doing = "map the file";
  const std::size_t room = size + alignment;
  void* const reserved =
      ::mmap(nullptr, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reserved == MAP_FAILED) return errno_error(doing + ": reserve addresses");
  auto* const first = static_cast<std::byte*>(reserved);
  const std::size_t beyond = reinterpret_cast<std::uintptr_t>(first) % alignment;
  const std::size_t head = beyond == 0 ? 0 : alignment - beyond;
  const std::size_t body = (size + small_page - 1) / small_page * small_page;
  Mmapped mapping(first + head, body);
  if (head != 0) ::munmap(first, head);
  if (const std::size_t used = head + body; used < room) ::munmap(first + used, room - used);
  if (::mmap(mapping.data(), size, protection, MAP_FIXED | flags, fd, 0) == MAP_FAILED)
    return errno_error(doing);
  return mapping;
}

// libpmem2 has no way to leave MAP_SYNC out: it asks for it always, and does without only where the
// kernel refuses (src/libpmem2/map_posix.c, file_map()).
Result<Mmapped> map_without_sync(int fd, const MapHow& how) {
  struct stat file {};
  if (::fstat(fd, &file) != 0) return errno_error("map the file: stat");
  return map_aligned(fd, static_cast<std::size_t>(file.st_size), huge_page,
                     PROT_READ | (how.writable ? PROT_WRITE : 0),
                     how.shared ? MAP_SHARED : MAP_PRIVATE);
}

}  // namespace

struct FileMapping::State {
  std::variant<Map, Mmapped> map;
};

FileMapping::FileMapping(std::unique_ptr<State> state) : state_(std::move(state)) {}
FileMapping::FileMapping(FileMapping&&) noexcept = default;
FileMapping& FileMapping::operator=(FileMapping&&) noexcept = default;
FileMapping::~FileMapping() = default;

Result<FileMapping> FileMapping::map(int fd, std::size_t page_size, const MapHow& how) {
  if (page_size != small_page && page_size != huge_page)
    return Error{fmt::format("map with pages of {} bytes", page_size), EINVAL};
  auto state = std::make_unique<State>();
  if (how.synchronous) {
    auto map = map_with_libpmem2(fd, how);
    if (!map) return map.error();
    state->map = std::move(*map);
  } else {
    auto map = map_without_sync(fd, how);
    if (!map) return map.error();
    state->map = std::move(*map);
  }
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

Result<FileMapping> FileMapping::map_device(int fd, std::size_t length, std::size_t alignment) {
  auto map = map_aligned(fd, length, alignment, PROT_READ | PROT_WRITE, MAP_SHARED);
  if (!map) return map.error();
  auto state = std::make_unique<State>();
  state->map = std::move(*map);
  return FileMapping(std::move(state));
}

std::byte* FileMapping::data() const {
  if (const auto* plain = std::get_if<Mmapped>(&state_->map)) return plain->data();
  pmem2_map* const map = std::get<Map>(state_->map).get();
  return map == nullptr ? nullptr : static_cast<std::byte*>(pmem2_map_get_address(map));
}

std::size_t FileMapping::size() const {
  if (const auto* plain = std::get_if<Mmapped>(&state_->map)) return plain->size();
  pmem2_map* const map = std::get<Map>(state_->map).get();
  return map == nullptr ? 0 : pmem2_map_get_size(map);
}

std::string FileMapping::granularity() const {
  const auto* map = std::get_if<Map>(&state_->map);
  if (map == nullptr) return "page";  // without MAP_SYNC only msync(2) makes durable
  if (*map == nullptr) return "unknown";
  switch (pmem2_map_get_store_granularity(map->get())) {
    case PMEM2_GRANULARITY_BYTE:
      return "byte";
    case PMEM2_GRANULARITY_CACHE_LINE:
      return "cache-line";
    case PMEM2_GRANULARITY_PAGE:
      return "page";
  }
  return "unknown";
}

PmemCopy FileMapping::copy() const {
  const auto* map = std::get_if<Map>(&state_->map);
  return map == nullptr || *map == nullptr ? nullptr : pmem2_get_memcpy_fn(map->get());
}

Result<void> FileMapping::unmap() {
  if (auto* plain = std::get_if<Mmapped>(&state_->map)) return plain->unmap();
  pmem2_map* raw = std::get<Map>(state_->map).release();
  if (raw == nullptr) return ok();
  const int code = pmem2_map_delete(&raw);
  return code == 0 ? ok() : Result<void>(pmem2_error("unmap the file", code));
}

Result<bool> mapped_by_pmd(const std::byte* address) {
  constexpr std::size_t pages = huge_page / small_page;
  const std::size_t within = reinterpret_cast<std::uintptr_t>(address) % huge_page;
  auto pagemap = Pagemap::open();
  if (!pagemap) return pagemap.error();
  std::array<std::uint64_t, pages> entries{};
  if (auto read = pagemap->read(address - within, entries); !read) return read.error();
  if ((entries[within / small_page] & pagemap_present) == 0)
    return Error{"the page has not been touched, so pagemap cannot tell its size"};
  // DAX has no fault-around (fs/dax.c maps one entry per fault; xfs_filemap_map_pages() of 5.10
  // skips value entries), so a present neighbour came with the same fault: a PMD.
  for (const std::uint64_t entry : entries)
    if ((entry & pagemap_present) == 0) return false;
  return true;
}

Result<Pfn> frame_of(const std::byte* address) {
  auto pagemap = Pagemap::open();
  if (!pagemap) return pagemap.error();
  std::uint64_t entry = 0;
  if (auto read = pagemap->read(address, {&entry, 1}); !read) return read.error();
  if ((entry & pagemap_present) == 0)
    return Error{"the page is not mapped, so pagemap knows no frame for it"};
  if ((entry & pagemap_frame) == 0)
    return Error{"/proc/self/pagemap shows page frames to root only", EPERM};
  return entry & pagemap_frame;
}

}  // namespace daxbreak
