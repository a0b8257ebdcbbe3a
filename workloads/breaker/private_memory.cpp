// SPDX-License-Identifier: GPL-2.0
#include "workloads/breaker/private_memory.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

#include "pmem/mapping.h"

namespace daxbreak {
namespace {

constexpr std::size_t words_in_page = small_page / sizeof(std::uint64_t);

/// Names seed, page and word: a page of another time or place does not pass for this one.
std::uint64_t word_at(std::uint32_t seed, std::size_t page, std::size_t word) {
  return (static_cast<std::uint64_t>(seed) << 32U) | (page << 16U) | word;
}

}  // namespace

void fill_private(std::span<std::byte> pages, std::uint32_t seed) {
  for (std::size_t page = 0; page * small_page < pages.size(); ++page)
    for (std::size_t word = 0; word < words_in_page; ++word) {
      const std::uint64_t value = word_at(seed, page, word);
      std::memcpy(&pages[(page * small_page) + (word * sizeof(value))], &value, sizeof(value));
    }
}

void compare_private(std::span<const std::byte> pages, std::uint32_t seed, PrivateReport& report) {
  std::uint64_t wrong = 0;
  for (std::size_t page = 0; page * small_page < pages.size(); ++page)
    for (std::size_t word = 0; word < words_in_page; ++word) {
      std::uint64_t value = 0;
      std::memcpy(&value, &pages[(page * small_page) + (word * sizeof(value))], sizeof(value));
      if (value != word_at(seed, page, word)) wrong += sizeof(value);
    }
  report.compared += pages.size();
  report.wrong += wrong;
}

Moved give_to_device(const PrivateMemory& memory) {
  fill_private(memory.pages, memory.seed);
  std::vector<std::byte> copy(memory.pages.size());
  const Moved moved = memory.mirror().to_device(memory.pages, copy);
  if (moved.error == 0) compare_private(copy, memory.seed, *memory.report);
  return moved;
}

const PrivateMemory& private_memory(const BreakTarget& target) {
  return std::any_cast<const PrivateMemory&>(target.state);
}

void die_with_parent() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
}

int outcome_of_child(int pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return errno;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : EIO;
}

}  // namespace daxbreak
