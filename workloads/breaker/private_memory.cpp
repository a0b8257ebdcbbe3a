// SPDX-License-Identifier: GPL-2.0
#include "workloads/breaker/private_memory.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>
#include <vector>

#include "pmem/mapping.h"

namespace daxbreak {
namespace {

constexpr std::size_t words_in_page = small_page / sizeof(std::uint64_t);

/// Names seed, page and word: a page of another time or place does not pass for this one.
std::uint64_t word_at(std::uint32_t seed, std::size_t page, std::size_t word) {
  return (static_cast<std::uint64_t>(seed) << 32U) | (page << 16U) | word;
}

BreakerKind of_kind(BreakerKind breaker, DeviceMemory kind) {
  breaker.device_memory = kind;
  return breaker;
}

BreakerKind renamed(BreakerKind breaker, std::string_view name, std::string_view help) {
  breaker.name = name;
  breaker.help = help;
  return breaker;
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

void bring_back(const PrivateMemory& memory) {
  compare_private(memory.pages, memory.seed, *memory.report);
  if (memory.kind != DeviceMemory::device_coherent) return;
  static_cast<void>(memory.mirror().to_system(memory.pages));  // what stays must be right, too
  compare_private(memory.pages, memory.seed, *memory.report);
}

Result<std::uint64_t> pages_on_device(std::span<const std::byte> pages) {
  auto frames = private_frames(pages);
  if (!frames) return frames.error();
  return static_cast<std::uint64_t>(std::count_if(
      frames->begin(), frames->end(), [](const auto& frame) { return frame.has_value(); }));
}

int note_strayed(const PrivateMemory& memory) {
  if (memory.kind != DeviceMemory::device_coherent) return 0;
  auto there = pages_on_device(memory.pages);
  if (!there) return number_of(there.error());
  memory.report->strayed += memory.pages.size() / small_page - *there;
  return 0;
}

int note_held(const PrivateMemory& memory, const Moved& moved, MoveTo where) {
  auto there = pages_on_device(memory.pages);
  if (!there) return number_of(there.error());
  const std::uint64_t all = memory.pages.size() / small_page;
  const std::uint64_t went = where == MoveTo::device ? *there : all - *there;
  memory.report->held_moved += went;
  // To the device the driver reads its copy of what it thinks it has; ENOENT is its word for the
  // first it has not. Back it counts what it moved (lib/test_hmm.c, dmirror_migrate_to_device(),
  // dmirror_successful_migrated_pages()).
  const bool told = moved.error == (where == MoveTo::device ? ENOENT : 0) && moved.pages <= went;
  (told ? memory.report->held_stayed : memory.report->held_unsaid) += all - went;
  return 0;
}

int number_of(const Error& error) {
  return error.number != 0 ? error.number : EIO;
}

AddForBoth::AddForBoth(BreakerKind kind, std::string_view coherent_name,
                       std::string_view coherent_help)
    : private_(of_kind(kind, DeviceMemory::device_private)),
      coherent_(of_kind(renamed(std::move(kind), coherent_name, coherent_help),
                        DeviceMemory::device_coherent)) {}

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
