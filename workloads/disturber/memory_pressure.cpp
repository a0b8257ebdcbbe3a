// SPDX-License-Identifier: GPL-2.0
// Memory is short while the breaker sleeps: caches are dropped, inodes and dentries that nobody
// uses shrunk (fs/drop_caches.c), and a child fills some more. The file's entries and its pages
// must survive that: dropping DAX entries is not the reclaimer's business (mm/truncate.c,
// invalidate_exceptional_entry(); 7.2: clear_shadow_entries()).
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "base/file.h"
#include "base/text.h"
#include "workloads/disturber/child.h"
#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

constexpr std::chrono::seconds limit{5};
// An emulated machine on a busy host fills no more than this in a fraction of a second.
constexpr std::size_t most = 64UL << 20;
constexpr std::size_t kib = 1024;

/// "MemAvailable:    1250000 kB" of /proc/meminfo, in bytes.
Result<std::size_t> available() {
  auto text = read_file("/proc/meminfo");
  if (!text) return text.error();
  constexpr std::string_view name = "MemAvailable:";
  for (const std::string_view line : split(*text, "\n")) {
    if (!line.starts_with(name)) continue;
    const auto digits = line.find_first_of("0123456789");
    std::size_t size = 0;
    if (digits != std::string_view::npos)
      std::from_chars(line.data() + digits, line.data() + line.size(), size);
    return size * kib;
  }
  return Error{"/proc/meminfo does not say how much memory is available"};
}

int fill(std::size_t size) {
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  return memory == MAP_FAILED ? errno : 0;
}

Result<void> press(Scene&) {
  if (auto dropped = write_file("/proc/sys/vm/drop_caches", "3"); !dropped) return dropped;
  auto room = available();
  if (!room) return room.error();
  const std::size_t size = std::min(*room / 2, most);
  return run_in_child("fill memory", limit, [size] { return fill(size); });
}

const DisturberRegistry::Add registered{{
    .name = "memory-pressure",
    .help = "caches dropped and 64 MiB filled while the breaker sleeps",
    .needs_mapping = false,
    .lab_only = true,
    .during = press,
    .recipe = {.during = R"(int caches = open("/proc/sys/vm/drop_caches", O_WRONLY);
check(caches >= 0 && write(caches, "3", 1) == 1, "drop caches");
close(caches);
size_t much = 64UL << 20;
char *filled = mmap(NULL, much, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
check(filled != MAP_FAILED, "fill memory");
munmap(filled, much);
)"},
}};

}  // namespace
}  // namespace daxbreak
