// SPDX-License-Identifier: GPL-2.0
#include "run/trial_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "base/fd.h"
#include "base/file.h"
#include "result/stream.h"
#include "run/process_group.h"
#include "trial/recorder.h"

namespace daxbreak {
namespace {

// JSON on one line has neither.
constexpr char end_of_timeline = '\n';
constexpr char end_of_checkpoint = '\x1e';  // ASCII's record separator

std::string packed(const Timeline& timeline, char end) {
  return to_json(timeline).dump(-1, ' ', false, Json::error_handler_t::replace) + end;
}

[[noreturn]] void child(int out, const Cell& cell, TrialSetup setup) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // A poisoned page is told to all who map it (mm/memory-failure.c, kill_proc()).
  ::signal(SIGBUS, SIG_IGN);
  setup.checkpoint = [out](const Timeline& so_far) {
    static_cast<void>(write_all(out, packed(so_far, end_of_checkpoint)));
  };
  const Timeline timeline = run_trial(cell, setup);
  const auto sent = write_all(out, packed(timeline, end_of_timeline));
  ::_exit(sent ? 0 : 1);
}

/// Reads a timeline, or until nobody can write any more; false if the deadline came first. The end
/// of file alone would not do: a breaker that cannot be killed keeps the pipe open for ever.
bool read_timeline(int fd, std::string& text, Nanos limit) {
  const Deadline deadline(limit);
  std::array<char, 16384> chunk{};
  while (!text.ends_with(end_of_timeline)) {
    pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
    const int polled = ::poll(&ready, 1, deadline.left_ms());
    if (polled == 0) return false;
    if (polled < 0) continue;
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got == 0) return true;
    if (got > 0) text.append(chunk.data(), static_cast<std::size_t>(got));
    if (got < 0 && errno != EINTR) return true;
  }
  return true;
}

/// The last timeline that was written whole: the final one, or a checkpoint; "" if there is none.
std::string_view last_timeline(std::string_view text) {
  if (text.ends_with(end_of_timeline)) {
    text.remove_suffix(1);
  } else {
    const auto whole = text.rfind(end_of_checkpoint);
    if (whole == std::string_view::npos) return {};
    text = text.substr(0, whole);
  }
  const auto before = text.rfind(end_of_checkpoint);
  return before == std::string_view::npos ? text : text.substr(before + 1);
}

/// What a trial that died or hung could not say any more: that, and what the kernel said.
void tell_the_death(Timeline& timeline, const TrialSetup& setup, bool hung) {
  timeline.trouble = hung ? "the trial hung on the way" : "the trial's process died on the way";
  Recorder record(timeline);
  if (setup.log != nullptr)
    if (const auto lines = setup.log->lines())
      for (const std::string& line : *lines)
        if (is_complaint(line)) record.stamp(EventKind::kernel_log, is_fatal(line) ? 1 : 0, line);
  record.finish();
}

}  // namespace

Result<TrialEnd> run_in_process(const Cell& cell, const TrialSetup& setup) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("make a pipe to the trial");
  Fd in(ends[0]);
  Fd out(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error("fork the trial");
  if (pid == 0) {
    in.reset();
    child(out.get(), cell, setup);
  }
  ::setpgid(pid, pid);  // in both: whoever comes first
  out.reset();

  TrialEnd end;
  std::string text;
  end.hung = !read_timeline(in.get(), text, trial_limit(setup));
  if (end.hung) end.stacks = stacks_of(members(pid));
  const bool complete = text.ends_with(end_of_timeline);
  end.wedged = !end_group(pid, complete ? nullptr : setup.gate);
  if (end.wedged && end.stacks.empty()) end.stacks = stacks_of(members(pid));
  end.timeline.cell = cell;
  const std::string_view last = last_timeline(text);
  if (last.empty()) {
    if (end.hung || end.wedged) return end;
    return Error{"the trial's process died without a word", 0};
  }
  auto json = parse_json(last);
  if (!json) return json.error();
  auto timeline = timeline_from_json(*json);
  if (!timeline) return timeline.error();
  end.timeline = std::move(*timeline);
  if (!complete) tell_the_death(end.timeline, setup, end.hung || end.wedged);
  return end;
}

}  // namespace daxbreak
