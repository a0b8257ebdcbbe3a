// SPDX-License-Identifier: GPL-2.0
#include "run/pin_cost.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <span>

#include "base/clock.h"
#include "base/file.h"
#include "pmem/mapping.h"
#include "trial/trial_file.h"

namespace daxbreak {
namespace {

constexpr std::size_t batch = 16;  // pages: what a pipe holds (PIPE_DEF_BUFFERS)
constexpr std::size_t bytes = batch * small_page;
constexpr int rounds = 200;
constexpr int repetitions = 9;

/// Anonymous memory for one batch.
class Anonymous {
 public:
  Anonymous()
      : data_(::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {}
  Anonymous(const Anonymous&) = delete;
  Anonymous& operator=(const Anonymous&) = delete;
  ~Anonymous() {
    if (data_ != MAP_FAILED) ::munmap(data_, bytes);
  }
  /// Empty if there was no memory.
  [[nodiscard]] std::span<std::byte> memory() const {
    if (data_ == MAP_FAILED) return {};
    return {static_cast<std::byte*>(data_), bytes};
  }

 private:
  void* data_;
};

/// The pipe that holds the pages, and where it is emptied to.
struct Channel {
  Fd in;
  Fd out;
  Fd nowhere;

  static Result<Channel> open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("make a pipe");
    Channel channel{.in = Fd(ends[1]), .out = Fd(ends[0]), .nowhere = {}};
    auto nowhere = open_file("/dev/null", O_WRONLY);
    if (!nowhere) return nowhere.error();
    channel.nowhere = std::move(*nowhere);
    return channel;
  }
};

/// Nanoseconds for each page of one repetition.
Result<double> one_repetition(const Channel& channel, std::span<std::byte> memory) {
  const iovec part{memory.data(), memory.size()};
  const std::int64_t begin = now_ns();
  for (int round = 0; round < rounds; ++round) {
    if (::vmsplice(channel.in.get(), &part, 1, 0) != static_cast<ssize_t>(memory.size()))
      return errno_error("vmsplice a batch of pages");
    if (::splice(channel.out.get(), nullptr, channel.nowhere.get(), nullptr, memory.size(), 0) !=
        static_cast<ssize_t>(memory.size()))
      return errno_error("splice a batch of pages into /dev/null");
  }
  return static_cast<double>(now_ns() - begin) / (rounds * static_cast<double>(batch));
}

PinCost summary(std::string memory, std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  return {.memory = std::move(memory),
          .ns = samples[samples.size() / 2],
          .least_ns = samples.front(),
          .most_ns = samples.back()};
}

}  // namespace

Result<std::vector<PinCost>> measure_pin_costs(const DaxDirectory& directory) {
  auto layout = layout_for({.page_size = small_page});
  if (!layout) return layout.error();
  const PatternId owner{.owner = std::numeric_limits<std::uint32_t>::max() - 1};
  auto file = TrialFile::create(directory, owner, owner, *layout);
  if (!file) return file.error();
  auto mapping = FileMapping::map(file->fd(), small_page);
  if (!mapping) return mapping.error();
  const Anonymous anonymous;
  if (anonymous.memory().empty()) return Error{"have some memory", ENOMEM};
  auto channel = Channel::open();
  if (!channel) return channel.error();

  const std::array<std::span<std::byte>, 2> memories{std::span(mapping->data(), bytes),
                                                     anonymous.memory()};
  std::array<std::vector<double>, 2> samples;
  for (std::size_t i = 0; i < memories.size(); ++i) {
    samples[i].reserve(repetitions);
    for (std::size_t at = 0; at < bytes; at += small_page)
      memories[i][at] = std::byte{1};
    // Warm: the first batch faults, and fills the processor's lists.
    if (auto warm = one_repetition(*channel, memories[i]); !warm) return warm.error();
  }
  for (int repetition = 0; repetition < repetitions; ++repetition)
    for (std::size_t i = 0; i < memories.size(); ++i) {
      auto cost = one_repetition(*channel, memories[i]);
      if (!cost) return cost.error();
      samples[i].push_back(*cost);
    }
  return std::vector<PinCost>{summary("DAX", std::move(samples[0])),
                              summary("anonymous", std::move(samples[1]))};
}

}  // namespace daxbreak
