// SPDX-License-Identifier: GPL-2.0
#include "pmem/pagemap.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "pmem/mapping.h"

namespace daxbreak {

Result<Pagemap> Pagemap::open() {
  auto file = open_file("/proc/self/pagemap", O_RDONLY);
  if (!file) return file.error();
  return Pagemap(std::move(*file));
}

Result<void> Pagemap::read(const std::byte* address, std::span<std::uint64_t> entries) const {
  const auto first = reinterpret_cast<std::uintptr_t>(address) / small_page;
  const ssize_t got = ::pread(file_.get(), entries.data(), entries.size_bytes(),
                              static_cast<off_t>(first * sizeof(entries[0])));
  if (got < 0) return errno_error("read /proc/self/pagemap");
  if (static_cast<std::size_t>(got) != entries.size_bytes())
    return Error{"read /proc/self/pagemap: the end of the address space"};
  return ok();
}

}  // namespace daxbreak
