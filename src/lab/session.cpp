// SPDX-License-Identifier: GPL-2.0
#include "lab/session.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/clock.h"
#include "job/job_file.h"
#include "lab/ending.h"
#include "lab/lab_options.h"
#include "result/put_census.h"
#include "run/measure_run.h"

namespace daxbreak {
namespace {
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int dead_boots_allowed = 2;
constexpr std::size_t least_batch = 40;  // fewer cells are not worth a plan of their own
constexpr auto tick = milliseconds(500);
/// After "wedged" the runner may still have the trial's own record to send.
constexpr auto last_words = seconds(5);

/// A descriptor that becomes readable when a stop is requested.
class StopFd {
 public:
  explicit StopFd(std::stop_token stop)
      : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), on_stop_(std::move(stop), Wake{fd_.get()}) {}
  [[nodiscard]] int get() const { return fd_.get(); }

 private:
  struct Wake {
    int fd;
    void operator()() const { ::eventfd_write(fd, 1); }
  };
  Fd fd_;
  std::stop_callback<Wake> on_stop_;
};

/// How one boot came out.
struct BootEnd {
  bool finished = false;  ///< all plans done, nothing open
  bool hopeless = false;  ///< QEMU could not even be started
  bool to_trials = false;
  std::optional<Ending> ending;
};

/// An emulated machine whose processors get too little time may not come up, and a harness may be
/// in trouble. What the kernel complains of or is to blame for is a result, whatever the next boot
/// does.
bool may_be_made_good(const Ending& ending) {
  return !ending.complained && (ending.what == "silence" || ending.what == "harness");
}

class Session {
 public:
  Session(const SessionSpec& spec, CellQueue& queue, const LabEvents& events, std::stop_token stop)
      : spec_(spec),
        queue_(queue),
        events_(events),
        stop_(std::move(stop)),
        stop_fd_(stop_),
        limits_(session_limits(spec.accelerator, spec.patience)),
        census_owed_(spec.census_only) {}

  SessionResult run() {
    int dead_boots = 0;
    while (!stop_.stop_requested() && (refill() || census_owed_)) {
      if (spec_.plan.runtime > Nanos::zero() && queue_.age() > spec_.plan.runtime) {
        leave_rest(not_begun_reason(spec_.plan.runtime));
        break;
      }
      if (!unsettled_.empty() && events_.note)
        events_.note(fmt::format("{}: {}; it is booted again", spec_.image.name,
                                 unsettled_.back().sentence));
      const BootEnd end = boot();
      if (stop_.stop_requested()) break;
      dead_boots = end.to_trials || end.finished ? 0 : dead_boots + 1;
      if (end.hopeless || dead_boots >= dead_boots_allowed) {
        give_up(end.ending ? end.ending->sentence : "its boots end before the first trial");
        break;
      }
    }
    settle(false);
    return std::move(result_);
  }

 private:
  /// Sees to it that there are cells in hand; false if none are left anywhere.
  bool refill() {
    if (pending_.empty()) pending_ = queue_.take(others_may_join(), least_batch);
    return !pending_.empty();
  }
  [[nodiscard]] bool others_may_join() const { return spec_.may_join && spec_.may_join(); }

  BootEnd boot();
  /// Everything between QEMU's start and its end.
  BootEnd converse(Machine& machine);
  BootEnd bad_end(Machine& machine, BootWatch& watch, Cause cause, const std::string& sentence);
  void give_up(const std::string& why);
  /// Skips all that is left, of ours and of the queue's.
  void leave_rest(const std::string& reason);

  /// Reads what is there: false at the end of the stream.
  bool receive(int port);
  /// Writes what the socket takes of `outgoing_`.
  void transmit(int port);
  /// Orders the next plan, or the end; false if all is done.
  bool next_plan(BootWatch& watch);
  void handle(const Message& message, BootWatch& watch);

  void record(TrialRecord trial) {
    if (events_.trial_end) events_.trial_end(spec_.image.name, trial);
    result_.trials.push_back(std::move(trial));
  }
  void record(MeasureRecord measure) {
    if (events_.measure) events_.measure(measure);
    result_.measures.push_back(std::move(measure));
  }
  /// Of what will not be run.
  void record_skipped(const PlannedCell& planned, const std::string& reason) {
    if (planned.measure)
      record(skipped_measure(*planned.measure, reason));
    else
      record(skipped_trial(planned, spec_.image.name, reason));
  }
  void report(Incident incident) {
    if (events_.incident) events_.incident(incident);
    result_.incidents.push_back(std::move(incident));
  }
  /// Reports the boots that came to nothing, when it is known what came of what they were to do.
  void settle(bool next_came_to_it) {
    for (Incident& incident : std::exchange(unsettled_, {})) {
      incident.made_good = next_came_to_it && !states_missing_;
      if (incident.made_good) incident.sentence += "; the next boot came to what it was to do";
      report(std::move(incident));
    }
  }
  void enter(const std::string& stage) {
    leave();
    stage_ = stage;
    stage_began_ = now_ns();
    if (events_.stage) events_.stage(spec_.image.name, stage);
  }
  void leave() {
    if (!stage_.empty())
      result_.phases[stage_] +=
          std::chrono::duration<double>(Nanos(now_ns() - stage_began_)).count();
    stage_.clear();
  }
  std::vector<PlannedCell>::iterator find_pending(std::uint64_t index) {
    return std::find_if(pending_.begin(), pending_.end(),
                        [&](const PlannedCell& planned) { return planned.index == index; });
  }

  const SessionSpec& spec_;
  CellQueue& queue_;
  const LabEvents& events_;
  std::stop_token stop_;
  StopFd stop_fd_;
  SessionLimits limits_;

  SessionResult result_;
  std::vector<PlannedCell> pending_;  ///< ours, and not yet ended
  bool census_owed_;                  ///< there is no cell, but a census is wanted
  bool states_measured_ = false;      ///< a plan with census_states has come to its end
  bool states_missing_ = false;       ///< it came to none, and they are not tried again
  std::vector<Incident> unsettled_;   ///< of boots that came to no trial, since one that did
  std::string stage_;
  std::int64_t stage_began_ = 0;

  // Of the boot under way.
  LineReader reader_;
  std::vector<Message> received_;
  std::string outgoing_;
  std::string trouble_;          ///< the guest's last error
  bool census_ordered_ = false;  ///< of the whole namespaces, in this boot's last plan
  bool plan_done_ = false;
  bool ran_alone_ = false;  ///< this boot is for a cell that may wedge it
  std::optional<std::string> runner_error_;
  std::optional<std::string> wedged_;
};

BootEnd Session::boot() {
  reader_ = LineReader();
  received_.clear();
  outgoing_.clear();
  trouble_.clear();
  census_ordered_ = plan_done_ = ran_alone_ = false;
  runner_error_.reset();
  wedged_.reset();

  const auto number = ++result_.boots;
  const auto file = [&](const char* kind) {
    return spec_.folder / fmt::format("{}-boot{}-{}.log", spec_.image.name, number, kind);
  };
  enter("boot");
  auto append = guest_parameters("run", spec_.accelerator, spec_.size.nvdimms);
  for (const auto& more : {special_memory_parameters(spec_.size), spec_.append})
    append = joined_parameters(append, more);
  auto machine = Machine::start({.vmlinuz = spec_.image.vmlinuz,
                                 .initrd = spec_.initrd,
                                 .append = std::move(append),
                                 .accelerator = spec_.accelerator,
                                 .size = spec_.size,
                                 .console = file("console"),
                                 .log = file("qemu")});
  if (!machine) {
    leave();
    settle(false);
    Ending ending{.what = "harness", .sentence = machine.error().message(), .console = {}};
    report({.kernel = spec_.image.name, .what = ending.what, .sentence = ending.sentence});
    return {.hopeless = true, .ending = std::move(ending)};
  }
  auto end = converse(*machine);
  leave();
  return end;
}

BootEnd Session::converse(Machine& machine) {
  BootWatch watch(limits_, now_ns());
  std::int64_t wedged_since = 0;
  for (;;) {
    std::array<pollfd, 3> waits = {{{.fd = machine.port(), .events = POLLIN, .revents = 0},
                                    {.fd = machine.exit_fd(), .events = POLLIN, .revents = 0},
                                    {.fd = stop_fd_.get(), .events = POLLIN, .revents = 0}}};
    if (!outgoing_.empty()) waits[0].events |= POLLOUT;
    ::poll(waits.data(), waits.size(), static_cast<int>(tick.count()));
    if (stop_.stop_requested()) return {.to_trials = watch.came_to_trials(), .ending = {}};

    // What the guest said before it died is still in the socket: read first, judge after.
    const bool gone = waits[1].revents != 0;
    const bool hung_up = !receive(machine.port());
    for (const Message& message : std::exchange(received_, {})) {
      watch.heard(message, now_ns());
      handle(message, watch);
    }
    if (watch.came_to_trials()) settle(true);
    if (wedged_ && wedged_since == 0) wedged_since = now_ns();
    const bool spoke_out =
        wedged_ && (plan_done_ || now_ns() - wedged_since > Nanos(last_words).count());
    if (spoke_out) return bad_end(machine, watch, Cause::wedged, *wedged_);
    if (runner_error_) return bad_end(machine, watch, Cause::failed, *runner_error_);
    if (plan_done_ && !wedged_) {
      if (!pending_.empty())
        return bad_end(machine, watch, Cause::failed, "the runner left cells out");
      if (!next_plan(watch)) {
        settle(true);
        // Memory-backed NVDIMMs are gone with the machine: nothing to shut down in order.
        return {.finished = true, .to_trials = watch.came_to_trials(), .ending = {}};
      }
    }
    if (gone || (hung_up && machine.wait_exit(seconds(5))))
      return bad_end(machine, watch, Cause::exited, trouble_);
    transmit(machine.port());
    const auto now = now_ns();
    const bool oops = watch.suspicious(now) && health_of(machine.console().lines()) != Health::well;
    if (const auto late = watch.overdue(now, oops); late)
      return bad_end(machine, watch, late->cause, late->sentence);
  }
}

BootEnd Session::bad_end(Machine& machine, BootWatch& watch, Cause cause,
                         const std::string& sentence) {
  // QEMU that ended by failure said why; one we are about to kill has nothing to say.
  std::string qemu;
  if (cause == Cause::exited && machine.failed()) {
    qemu = machine.complaint();
    if (qemu.empty()) qemu = "it was killed, or ended without a word";
  }
  machine.kill();
  BootEnd end{.to_trials = watch.came_to_trials(), .ending = {}};
  end.ending = judge_ending(cause, sentence, machine.console().lines(), qemu);
  if (const auto open = watch.open_trial()) {
    if (const auto planned = find_pending(*open); planned != pending_.end()) {
      const Nanos ran = watch.open_for(now_ns());
      if (!planned->measure)
        record(lost_trial(*planned, spec_.image.name, *end.ending, ran));
      else
        for (MeasureRecord& lost : lost_measure(*planned->measure, spec_.image.name, *end.ending,
                                                watch.repetitions(), ran))
          record(std::move(lost));
      pending_.erase(planned);
    }
  }
  Incident incident{.kernel = spec_.image.name,
                    .what = end.ending->what,
                    .sentence = end.ending->sentence,
                    .console = end.ending->console};
  if (watch.came_to_trials() || !may_be_made_good(*end.ending)) {
    report(std::move(incident));
    return end;
  }
  unsettled_.push_back(std::move(incident));
  return end;
}

void Session::give_up(const std::string& why) {
  leave_rest("kernel given up: " + why);
}

void Session::leave_rest(const std::string& reason) {
  do {
    for (const auto& planned : std::exchange(pending_, {}))
      record_skipped(planned, reason);
    pending_ = queue_.take(false, 0);
  } while (!pending_.empty());
}

bool Session::receive(int port) {
  std::array<char, 65536> chunk{};
  for (;;) {
    const ssize_t got = ::recv(port, chunk.data(), chunk.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN;
    if (got == 0) return false;
    for (const auto& line : reader_.take({chunk.data(), static_cast<std::size_t>(got)}))
      // Garbage is not an answer: a guest that produces only that runs into its limits.
      if (auto message = decode(line); message) received_.push_back(*std::move(message));
  }
}

void Session::transmit(int port) {
  while (!outgoing_.empty()) {
    // A guest that is gone is noticed by its exit, not by SIGPIPE.
    const ssize_t put = ::send(port, outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return;
    outgoing_.erase(0, static_cast<std::size_t>(put));
  }
}

bool Session::next_plan(BootWatch& watch) {
  plan_done_ = false;
  const bool more = refill();
  const bool alone = more && CellQueue::needs_own_machine(pending_.front());
  // Such a cell gets a fresh machine, and nothing comes after it there.
  if (ran_alone_ || (alone && watch.came_to_trials())) return false;
  ran_alone_ = alone;
  const bool census_due = spec_.plan.whole_census && !census_ordered_;
  if (!more && !census_due && !census_owed_) return false;
  Plan plan = spec_.plan;
  plan.kernel = spec_.image.name;
  plan.accelerator = spec_.accelerator;
  plan.whole_census = plan.whole_census && !alone && queue_.ordinary() == 0;
  plan.census_states = plan.census_states && !states_measured_;
  plan.time_left = std::max(plan.runtime - queue_.age(), Nanos::zero());
  plan.cells = pending_;
  census_ordered_ = plan.whole_census;
  outgoing_ += encode(plan);
  watch.plan_sent(now_ns());
  return true;
}

void Session::handle(const Message& message, BootWatch& watch) {
  if (std::holds_alternative<Hello>(message)) {
    enter("provision");
    static_cast<void>(next_plan(watch));  // there are cells, or there had been no boot
  } else if (std::holds_alternative<Ready>(message)) {
    enter("trials");
  } else if (const auto* environment = std::get_if<Environment>(&message)) {
    if (result_.environment) return;
    // The guest knows its kernel by what it says of itself; we know where it came from.
    result_.environment = *environment;
    result_.environment->kernel = spec_.image.name;
    result_.environment->version = spec_.image.version;
    result_.environment->origin = spec_.image.origin;
    result_.environment->accelerator = spec_.accelerator;
    if (events_.environment) events_.environment(*result_.environment);
  } else if (const auto* begin = std::get_if<TrialBegin>(&message)) {
    outgoing_ += encode(Start{begin->index});
    const auto planned = find_pending(begin->index);
    if (planned != pending_.end() && events_.trial_begin)
      events_.trial_begin(spec_.image.name, *planned);
  } else if (const auto* trial = std::get_if<TrialRecord>(&message)) {
    const auto planned = find_pending(trial->index);
    if (planned == pending_.end()) return;  // not one of ours: the guest talks nonsense
    pending_.erase(planned);
    record(*trial);
  } else if (const auto* measure = std::get_if<MeasureRecord>(&message)) {
    record(*measure);
  } else if (const auto* end = std::get_if<MeasureEnd>(&message)) {
    const auto planned = find_pending(end->index);
    if (planned != pending_.end()) pending_.erase(planned);
  } else if (const auto* census = std::get_if<CensusRecord>(&message)) {
    if (events_.census) events_.census(*census);
    put_census(result_.censuses, *census);
  } else if (const auto* log = std::get_if<GuestLog>(&message)) {
    if (log->error) trouble_ = log->text;
    if (events_.note) events_.note(spec_.image.name + ": " + log->text);
  } else if (const auto* wedged = std::get_if<Wedged>(&message)) {
    wedged_ = wedged->why;
  } else if (const auto* done = std::get_if<Done>(&message)) {
    plan_done_ = true;
    if (!done->error.empty()) runner_error_ = done->error;
    // A census alone is tried again by the next boot; trials are not made to wait for one.
    if (!done->error.empty() && spec_.census_only) return;
    const bool began_with_states = spec_.plan.census_states && !states_measured_;
    states_missing_ =
        states_missing_ || (began_with_states && !done->error.empty() && !watch.came_to_trials());
    states_measured_ = true;
    census_owed_ = false;
  }
}

}  // namespace

SessionResult run_session(const SessionSpec& spec, CellQueue& queue, const LabEvents& events,
                          std::stop_token stop) {
  return Session(spec, queue, events, std::move(stop)).run();
}

std::string guest_parameters(const std::string& mode, const std::string& accelerator,
                             unsigned nvdimms) {
  const bool slow = accelerator != "kvm";
  // loglevel=5: errors and warnings, a WARN that panics among them. Stalls of an emulated processor
  // are the host's. So are missing timer ticks: check_timer() (arch/x86/kernel/apic/io_apic.c)
  // panics if fewer than five come in the time of ten; Linux skips the test under KVM by itself
  // (arch/x86/kernel/kvm.c).
  return fmt::format(
      "loglevel=5 random.trust_cpu=on rcupdate.rcu_cpu_stall_timeout={} daxbreak.mode={} "
      "daxbreak.nvdimms={} daxbreak.slow={}{}",
      slow ? 60 : 21, mode, nvdimms, slow ? 1 : 0, slow ? " no_timer_check" : "");
}

}  // namespace daxbreak
