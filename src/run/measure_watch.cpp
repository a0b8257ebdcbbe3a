// SPDX-License-Identifier: GPL-2.0
#include "run/measure_watch.h"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>

#include "base/file.h"
#include "base/proc.h"
#include "run/process_group.h"
#include "workloads/storm/storm.h"

namespace daxbreak {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds glance{10};
constexpr seconds between_busy{5};
constexpr seconds ready_limit{30};

/// How long one step may take before it hangs. Every page of a file may have to be faulted in, and
/// under emulation that takes 50 us. Pauses that were asked for are no hangs.
Nanos stall_limit(const MeasurePoint& point, double patience) {
  const double pages = static_cast<double>(point.size) / static_cast<double>(point.page_size);
  constexpr double page_ns = 100000;
  const auto base = static_cast<double>(Nanos(seconds(3)).count());
  const auto pauses =
      static_cast<double>(std::max(point.think_ns, point.pin_think_ns) + point.hold_ns);
  return Nanos(static_cast<Nanos::rep>(((base + (pages * page_ns)) * patience) + (2 * pauses)));
}

/// Whether a thread is in one of the system calls that break: not in a pause, nor in a wait for
/// other threads of its storm (Truce).
bool is_breaking(pid_t process, pid_t thread) {
  const auto call = read_line(fmt::format("/proc/{}/task/{}/syscall", process, thread));
  if (!call) return false;
  // ioctl: FICLONERANGE.
  constexpr std::array breaking{SYS_fallocate, SYS_ftruncate, SYS_ioctl};
  return std::any_of(breaking.begin(), breaking.end(),
                     [&](long number) { return call->starts_with(fmt::format("{} ", number)); });
}

}  // namespace

MeasureWatch::MeasureWatch(const MeasurePoint& point, const MeasureBoard& board, pid_t workers,
                           double patience, const std::function<void()>& busy, StormWatch* observer)
    : point_(point),
      board_(board),
      workers_(workers),
      busy_(busy),
      observer_(observer),
      limit_(stall_limit(point, patience)),
      marks_(board.size()) {}

WatchEnd MeasureWatch::run() {
  if (!wait_ready() || !follow()) {
    board_.enter(Phase::stop);
    wait_ended();
    return std::move(end_);
  }
  for (Mark& mark : marks_)
    mark.since = now_ns();
  board_.enter(Phase::warm_up);
  const bool warm = run_for(point_.ramp);
  if (warm) {
    const std::int64_t begin = now_ns();
    board_.enter(Phase::measure);
    static_cast<void>(run_for(point_.runtime));
    end_.seconds = std::chrono::duration<double>(Nanos(end_of_clock() - begin)).count();
  }
  board_.enter(Phase::stop);
  wait_ended();
  tell_troubles();
  return std::move(end_);
}

bool MeasureWatch::wait_ready() {
  // Until the files are mapped and every page of them has been faulted in.
  const Deadline deadline(ready_limit + limit_);
  while (board_.count(ThreadState::ready) < board_.size()) {
    if (board_.count(ThreadState::failed) > 0) {
      tell_troubles();
      return false;
    }
    if (!alive()) {
      end_.trouble = "the measurement's process died before it began";
      return false;
    }
    if (deadline.passed()) {
      end_.findings.push_back({.kind = "hang",
                               .sentence = "the threads did not get ready",
                               .evidence = stacks_of(members(workers_))});
      return false;
    }
    keep_busy();
    sleep_for(glance);
  }
  return true;
}

bool MeasureWatch::follow() {
  if (observer_ == nullptr) return true;
  for (std::size_t number = 0; number < board_.size(); ++number) {
    const ThreadBoard& thread = board_.thread(number);
    if (!thread.breaks) continue;
    if (auto done = observer_->follow(static_cast<std::uint32_t>(thread.tid.load()), number);
        !done) {
      end_.trouble = done.error().message();
      return false;
    }
  }
  return true;
}

bool MeasureWatch::run_for(Nanos span) {
  const Deadline deadline(span);
  while (!deadline.passed()) {
    sleep_for(std::min<Nanos>(glance, deadline.left()));
    if (!look()) return false;
    if (over()) return true;
  }
  return true;
}

bool MeasureWatch::look() {
  keep_busy();
  if (board_.count(ThreadState::failed) > 0) return false;
  if (!alive()) {
    end_.trouble = "the measurement's process died";
    return false;
  }
  const auto late = stalled();
  if (late.empty()) return true;
  const Phase phase = board_.phase();
  if (!calm_down(late)) {
    poke(late);
    return false;
  }
  end_.numbers["starved breaks"] += 1;
  board_.enter(phase);
  return true;
}

std::vector<std::size_t> MeasureWatch::stalled() {
  std::vector<std::size_t> late;
  const std::int64_t now = now_ns();
  for (std::size_t number = 0; number < board_.size(); ++number) {
    const ThreadBoard& thread = board_.thread(number);
    Mark& mark = marks_[number];
    const std::uint64_t steps = thread.steps.load(std::memory_order_acquire);
    if (steps != mark.steps || thread.state.load() != ThreadState::running) {
      mark = {.steps = steps, .since = now};
      continue;
    }
    if (now - mark.since > limit_.count()) late.push_back(number);
  }
  return late;
}

bool MeasureWatch::calm_down(const std::vector<std::size_t>& who) {
  board_.enter(Phase::calm);
  const Deadline deadline(limit_);
  const auto still = [&](std::size_t number) {
    return board_.thread(number).steps.load() == marks_[number].steps &&
           board_.thread(number).state.load() == ThreadState::running;
  };
  while (std::any_of(who.begin(), who.end(), still)) {
    if (deadline.passed() || !alive()) return false;
    keep_busy();
    sleep_for(glance);
  }
  for (Mark& mark : marks_)
    mark.since = now_ns();
  return true;
}

void MeasureWatch::poke(const std::vector<std::size_t>& who) {
  const auto stacks = stacks_of(members(workers_));
  const double waited = std::chrono::duration<double>(limit_).count();
  // Those that sleep interruptibly wait for a page; the others wait for them (the inode's lock is
  // taken uninterruptibly).
  std::vector<std::size_t> sleepers;
  for (const std::size_t number : who) {
    const ThreadBoard& thread = board_.thread(number);
    const auto stat = process_stat(
        std::filesystem::path(fmt::format("/proc/{}/task/{}", workers_, thread.tid.load())));
    if (stat && stat->state == 'S' && is_breaking(workers_, thread.tid.load()))
      sleepers.push_back(number);
  }
  if (sleepers.empty() || !pinners_rest()) {
    end_.findings.push_back(
        {.kind = "hang",
         .sentence =
             fmt::format("{} threads did not end an operation within {:.0f} s{}", who.size(),
                         waited, pinners_rest() ? "" : ", and some pinner did not let go"),
         .evidence = stacks});
    return;
  }
  for (const std::size_t number : sleepers) {
    const ThreadBoard& thread = board_.thread(number);
    const std::uint64_t calls = thread.calls.load(std::memory_order_acquire);
    ::syscall(SYS_tgkill, workers_, thread.tid.load(), SIGUSR1);
    const Deadline deadline(limit_);
    while (thread.calls.load(std::memory_order_acquire) == calls && !deadline.passed()) {
      keep_busy();
      sleep_for(milliseconds(1));
    }
    const bool returned = thread.calls.load(std::memory_order_acquire) != calls;
    const bool idle = returned && thread.last.load() == 0;
    const std::string_view kind = !returned ? "hang" : idle ? "lost-wakeup" : "stuck";
    const std::string_view fate =
        !returned ? "and a signal did not reach it"
        : idle ? "then a signal ended its wait with success: the page had become idle and nobody "
                 "had woken it"
        : point_.refault == 0
            ? "then a signal interrupted it: the page had not become idle"
            : "then a signal interrupted it: the page had not become idle (refault=1)";
    end_.findings.push_back(
        {.kind = std::string(kind),
         .sentence = fmt::format("a {} still slept {:.0f} s after all pinners had let go; {}",
                                 thread.kind.get(), waited, fate),
         .evidence = stacks});
  }
}

bool MeasureWatch::pinners_rest() const {
  if (point_.load != storm_name) return true;
  for (std::size_t number = 0; number < board_.size(); ++number) {
    const ThreadBoard& thread = board_.thread(number);
    if (!thread.breaks && thread.state.load() == ThreadState::running) return false;
  }
  return true;
}

void MeasureWatch::wait_ended() {
  Deadline deadline(limit_);
  while (!over() && alive()) {
    if (deadline.passed()) {
      // Nobody pins any more: whoever still waits was forgotten.
      const auto late = [&] {
        std::vector<std::size_t> running;
        for (std::size_t number = 0; number < board_.size(); ++number) {
          if (board_.thread(number).state.load() != ThreadState::running) continue;
          marks_[number].steps = board_.thread(number).steps.load();
          running.push_back(number);
        }
        return running;
      }();
      if (!late.empty() && end_.findings.empty()) poke(late);
      return;
    }
    keep_busy();
    sleep_for(glance);
  }
}

std::int64_t MeasureWatch::end_of_clock() const {
  std::int64_t last = 0;
  for (std::size_t number = 0; number < board_.size(); ++number) {
    const std::int64_t ended = board_.thread(number).ended.load();
    if (ended == 0) return now_ns();
    last = std::max(last, ended);
  }
  return last;
}

bool MeasureWatch::over() const {
  return board_.count(ThreadState::done) + board_.count(ThreadState::failed) == board_.size();
}

bool MeasureWatch::alive() const {
  siginfo_t info{};
  // Looked at, not reaped: end_group() does that.
  if (::waitid(P_PID, static_cast<id_t>(workers_), &info, WEXITED | WNOHANG | WNOWAIT) != 0)
    return false;
  return info.si_pid == 0 || over();
}

void MeasureWatch::keep_busy() {
  const std::int64_t now = now_ns();
  if (now < next_busy_) return;
  next_busy_ = now + Nanos(between_busy).count();
  if (busy_) busy_();
}

void MeasureWatch::tell_troubles() {
  if (!end_.trouble.empty()) return;
  for (std::size_t number = 0; number < board_.size(); ++number) {
    const ThreadBoard& thread = board_.thread(number);
    if (thread.state.load() != ThreadState::failed) continue;
    end_.trouble = thread.trouble.get();
    return;
  }
}

}  // namespace daxbreak
