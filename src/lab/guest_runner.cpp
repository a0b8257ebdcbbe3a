// SPDX-License-Identifier: GPL-2.0
#include "lab/guest_runner.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <exception>
#include <filesystem>
#include <future>
#include <mutex>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "lab/protocol.h"
#include "pmem/private_device.h"
#include "run/runner.h"

namespace daxbreak {
namespace {

double seconds_since(std::int64_t begin_ns) {
  constexpr double nano = 1e-9;
  return static_cast<double>(now_ns() - begin_ns) * nano;
}

/// A filesystem on its way to being mounted.
struct Provision {
  Result<DaxDirectory> directory;
  std::map<std::string, double> phases;
};

/// A device-dax node instead: there is nothing to make or to mount.
Provision provide_device(const std::string& name) {
  const auto begin = now_ns();
  auto space = configure_namespace({.name = name, .mode = "devdax", .force = true});
  const std::map<std::string, double> phases{{"namespaces", seconds_since(begin)}};
  if (!space) return {space.error(), phases};
  return {DaxDirectory{.path = space->character,
                       .filesystem = std::string(device_dax_name),
                       .device = name,
                       .frames = space->frames},
          phases};
}

/// The kernel's test driver of such memory. Where there is none the trials say so.
DaxDirectory provide_device_memory(const std::string& name) {
  const auto node = find_private_device(device_memory_of(name));
  return {.path = node ? *node : std::filesystem::path(),
          .filesystem = name,
          .device = "test_hmm",
          .frames = {},
          .missing = node ? std::string() : node.error().doing};
}

Provision provide_one(const std::string& filesystem, const std::string& name) {
  if (filesystem == device_dax_name) return provide_device(name);
  std::map<std::string, double> phases;
  auto begin = now_ns();
  // The guest's NVDIMMs are its own, so force is safe here and only here.
  auto space = configure_namespace({.name = name, .mode = "fsdax", .force = true});
  phases["namespaces"] = seconds_since(begin);
  if (!space) return {space.error(), phases};

  const auto where = std::filesystem::path("/mnt") / filesystem;
  std::error_code ignored;  // mount says it better
  std::filesystem::create_directories(where, ignored);
  const auto make_and_mount = [&](Reflink reflink) -> Result<DaxDirectory> {
    begin = now_ns();
    auto made = make_filesystem(space->block, filesystem, reflink);
    phases["mkfs"] += seconds_since(begin);
    if (!made) return made.error();
    begin = now_ns();
    auto directory = mount_dax(space->block, filesystem, where);
    phases["mount"] += seconds_since(begin);
    return directory;
  };
  // Shared blocks where this kernel has them together with DAX.
  if (filesystem == "xfs")
    if (auto directory = make_and_mount(Reflink::on)) return {std::move(directory), phases};
  auto directory = make_and_mount(Reflink::off);
  return {std::move(directory), phases};
}

/// Writes messages whole, whichever thread they come from.
class Writer {
 public:
  explicit Writer(int fd) : fd_(fd) {}
  void operator()(const Message& message) {
    const auto line = encode(message);
    const std::scoped_lock lock(mutex_);
    // PID 1 reads this; if it is gone so are we.
    if (!write_all(fd_, line)) ::_exit(1);
  }

 private:
  int fd_;
  std::mutex mutex_;
};

/// run_plan() with its exceptions, should it have any, as an error.
Result<void> run_guarded(const Plan& plan, const std::vector<DaxDirectory>& directories,
                         const Sink& sink, Bench& bench) {
  try {
    return run_plan(plan, directories, sink, bench);
  } catch (const std::exception& thrown) {
    return Error{std::string("the runner failed: ") + thrown.what()};
  }
}

/// The host's messages, one after the other.
class Host {
 public:
  explicit Host(int port) : port_(port) {}

  /// The next message; nullopt when the limit has passed or the host has hung up (see gone()).
  std::optional<Result<Message>> next(Nanos limit) {
    const Deadline deadline(limit);
    while (lines_.empty()) {
      pollfd wait{.fd = port_, .events = POLLIN, .revents = 0};
      const int ready = ::poll(&wait, 1, deadline.left_ms());
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0) return std::nullopt;
      std::array<char, 65536> chunk{};
      const ssize_t got = ::read(port_, chunk.data(), chunk.size());
      if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      gone_ = got <= 0;
      if (gone_) return std::nullopt;
      for (auto& line : reader_.take({chunk.data(), static_cast<std::size_t>(got)}))
        lines_.push_back(std::move(line));
    }
    const auto line = std::move(lines_.front());
    lines_.pop_front();
    return decode(line);
  }

  /// Waits for the host's word that it knows of this trial. Should the word not come, the trial is
  /// run all the same: better a trial whose sudden death is blamed on another than none.
  void wait_start(std::uint64_t index) {
    const Deadline deadline(std::chrono::seconds(10));
    while (!deadline.passed() && !gone_) {
      const auto message = next(deadline.left());
      if (!message || !*message) continue;
      if (const auto* start = std::get_if<Start>(&**message); start && start->index == index)
        return;
    }
  }

  [[nodiscard]] bool gone() const { return gone_; }

 private:
  int port_;
  bool gone_ = false;
  LineReader reader_;
  std::deque<std::string> lines_;
};

void serve_plan(const Plan& plan, Provisioner& provisioner, Bench& bench, Writer& write, Host& host,
                bool first) {
  std::set<std::string> filesystems;
  for (const auto& planned : plan.cells)
    filesystems.insert(planned.cell.filesystem);
  // A census without cells is of the filesystems that the kernel facts are about.
  if (plan.cells.empty() && first) filesystems = {"ext4", "xfs"};
  for (auto& trouble : provisioner.provide({filesystems.begin(), filesystems.end()}))
    write(GuestLog{.error = false, .text = std::move(trouble)});
  if (first) write(Ready{provisioner.phases()});

  const Sink sink = {
      .environment = [&](const Environment& environment) { write(environment); },
      .trial_begin =
          [&](const PlannedCell& planned) {
            write(TrialBegin{planned.index});
            host.wait_start(planned.index);
          },
      .trial_end = [&](const TrialRecord& record) { write(record); },
      .measure = [&](const MeasureRecord& record) { write(record); },
      .measure_end = [&](const PlannedCell& planned) { write(MeasureEnd{planned.index}); },
      .busy = [&] { write(Busy{}); },
      .census = [&](const CensusRecord& record) { write(record); },
      .wedged = [&](const std::string& why) { write(Wedged{why}); },
  };
  const auto ran = run_guarded(plan, provisioner.directories(), sink, bench);
  write(Done{ran ? std::string() : ran.error().message()});
}

}  // namespace

std::vector<std::string> Provisioner::provide(const std::vector<std::string>& filesystems) {
  std::vector<std::string> troubles;
  if (!std::exchange(listed_, true)) {
    auto found = list_namespaces();
    if (!found) return {found.error().message()};
    for (const auto& space : *found)
      free_.push_back(space.name);
    std::sort(free_.begin(), free_.end());
  }

  std::map<std::string, std::future<Provision>> under_way;
  for (const auto& filesystem : filesystems) {
    if (mounted_.contains(filesystem) || under_way.contains(filesystem)) continue;
    if (device_memory_of(filesystem) != DeviceMemory::none) {  // needs no NVDIMM
      mounted_[filesystem] = provide_device_memory(filesystem);
      continue;
    }
    if (free_.empty()) {
      troubles.push_back("no NVDIMM is left for " + filesystem);
      continue;
    }
    under_way[filesystem] = std::async(std::launch::async, provide_one, filesystem, free_.front());
    free_.erase(free_.begin());
  }
  for (auto& [filesystem, future] : under_way) {
    auto [directory, phases] = future.get();
    for (const auto& [phase, seconds] : phases)
      phases_[phase] = std::max(phases_[phase], seconds);
    if (directory) {
      mounted_[filesystem] = *std::move(directory);
    } else {
      troubles.push_back(filesystem + ": " + directory.error().message());
    }
  }
  return troubles;
}

std::vector<DaxDirectory> Provisioner::directories() const {
  std::vector<DaxDirectory> all;
  for (const auto& [filesystem, directory] : mounted_)
    all.push_back(directory);
  return all;
}

int serve_plans(int port, int lines) {
  Provisioner provisioner;
  Bench bench;
  Writer write(lines);
  Host host(port);
  bool first = true;
  while (!host.gone()) {
    const auto message = host.next(std::chrono::hours(1));
    if (!message) continue;
    if (!*message) {
      // Not understood, so never done: the host need not wait for it.
      write(Done{"from the host: " + message->error().message()});
    } else if (std::holds_alternative<Stop>(**message)) {
      return 0;
    } else if (const auto* plan = std::get_if<Plan>(&**message)) {
      serve_plan(*plan, provisioner, bench, write, host, std::exchange(first, false));
    }
  }
  return 0;
}

}  // namespace daxbreak
