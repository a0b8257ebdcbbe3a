// SPDX-License-Identifier: GPL-2.0
#include "run/runner.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "job/job_file.h"
#include "job/sense.h"
#include "oracle/judge.h"
#include "run/directories.h"
#include "run/environment.h"
#include "run/measure_run.h"
#include "run/plan_census.h"
#include "run/repetitions.h"
#include "run/retry.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

class Runner {
 public:
  Runner(const Plan& plan, const std::vector<DaxDirectory>& directories, const Sink& sink,
         Bench& bench)
      : plan_(plan), directories_(directories), sink_(sink), bench_(bench) {}

  Result<void> run() {
    if (!bench_.view) {
      auto view = KernelView::open(plan_.schemes);
      if (!view) return view.error();
      bench_.view.emplace(std::move(*view));
    }
    const bool measure = plan_.census_states && !std::exchange(bench_.states_measured, true);
    const Environment environment = environment_of(plan_, *bench_.view, directories_, measure);
    if (sink_.environment) sink_.environment(environment);
    if (measure)
      if (auto done = census_states(plan_, directories_, sink_, bench_); !done) return done;
    const Deadline end(plan_.time_left);
    for (const PlannedCell& planned : plan_.cells) {
      if (sink_.stop && sink_.stop()) return ok();
      if (plan_.runtime > Nanos::zero() && end.passed()) {
        leave_out(planned);
        continue;
      }
      if (sink_.trial_begin) sink_.trial_begin(planned);
      if (const auto why = run_cell(planned)) {
        if (sink_.wedged) sink_.wedged(*why);
        return ok();
      }
    }
    if (plan_.whole_census) census_namespaces(plan_, directories_, sink_, *bench_.view);
    return ok();
  }

 private:
  /// A cell whose time has not come.
  void leave_out(const PlannedCell& planned) const {
    if (planned.measure) {
      if (sink_.measure)
        sink_.measure(skipped_measure(*planned.measure, not_begun_reason(plan_.runtime)));
      if (sink_.measure_end) sink_.measure_end(planned);
      return;
    }
    TrialRecord record;
    record.index = planned.index;
    skip(record, planned.cell, not_begun_reason(plan_.runtime));
    if (sink_.trial_end) sink_.trial_end(record);
  }

  /// Runs a cell, again if it is a suspect, and reports it. A value: this machine can run no more.
  std::optional<std::string> run_cell(const PlannedCell& planned) {
    const DaxDirectory* const directory = directory_for(planned.cell.filesystem, directories_);
    if (planned.measure) return run_repetitions(planned, directory, plan_, sink_, bench_);
    TrialRecord record;
    record.index = planned.index;
    const std::int64_t begun = now_ns();
    std::optional<std::string> why;
    if (auto reason = skip_reason(planned.cell)) {
      skip(record, planned.cell, *reason);
    } else if (auto unsafe = unsafe_here(planned.cell)) {
      skip(record, planned.cell, *unsafe);
    } else if (directory == nullptr) {
      skip(record, planned.cell, fmt::format("no {} DAX directory here", planned.cell.filesystem));
    } else {
      why = run_with_retry(record, planned.cell, *directory, plan_, bench_);
    }
    record.seconds = static_cast<double>(now_ns() - begun) / 1e9;
    if (sink_.trial_end) sink_.trial_end(record);
    return why;
  }

  /// Why a cell may not be run on a machine that others use, if that is so.
  [[nodiscard]] std::optional<std::string> unsafe_here(const Cell& cell) const {
    if (plan_.accelerator != "none") return std::nullopt;
    if (PinRegistry::find(cell.pin)->lab_only)
      return "harms the machine on purpose: runs in the lab only";
    if (can_wedge(cell) && !plan_.allow_wedge)
      return "may leave the kernel unusable: runs in the lab, or with --allow-wedge";
    return std::nullopt;
  }

  static void skip(TrialRecord& record, const Cell& cell, const std::string& reason) {
    record.timeline.cell = cell;
    record.timeline.skip = reason;
    record.verdict = judge(record.timeline, Scheme{});
  }

  const Plan& plan_;
  const std::vector<DaxDirectory>& directories_;
  const Sink& sink_;
  Bench& bench_;
};

}  // namespace

Result<void> run_plan(const Plan& plan, const std::vector<DaxDirectory>& directories,
                      const Sink& sink, Bench& bench) {
  return Runner(plan, directories, sink, bench).run();
}

}  // namespace daxbreak
