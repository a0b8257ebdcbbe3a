// SPDX-License-Identifier: GPL-2.0
#include "run/repetitions.h"

#include <fmt/format.h>

#include <functional>

#include "oracle/suspect.h"
#include "run/measure_run.h"

namespace daxbreak {
namespace {

using Report = std::function<void(const MeasureRecord&)>;

std::optional<std::string> repeat(const MeasurePoint& point, const MeasureSetup& setup,
                                  const Plan& plan, const Sink& sink, const Report& report) {
  for (unsigned number = 1; number <= point.repetitions; ++number) {
    if (sink.stop && sink.stop()) return std::nullopt;
    const Repetition done = measure_once(point, number, setup);
    report(done.record);
    std::optional<std::string> why;
    if (done.wedged)
      why = "a measurement left the machine unusable";
    else if (plan.accelerator != "none" && has_kind(done.record.verdict, "count-drift"))
      why = "pages of a measurement's files are still held";
    if (!why) continue;
    for (unsigned left = number + 1; left <= point.repetitions; ++left) {
      MeasureRecord skipped = skipped_measure(point, *why);
      skipped.repetition = left;
      report(skipped);
    }
    return why;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> run_repetitions(const PlannedCell& planned,
                                           const DaxDirectory* directory, const Plan& plan,
                                           const Sink& sink, Bench& bench) {
  const MeasurePoint& point = *planned.measure;
  const auto report = [&](const MeasureRecord& record) {
    if (sink.measure) sink.measure(record);
  };
  std::optional<std::string> why;
  // The trials' probes cost time even when no trial is on.
  if (bench.view->observer) {
    bench.view->observer.reset();
    bench.observer_detached = true;
  }
  auto device = needs_device(point) ? bench.devices.get(point.hold_ns)
                                    : Result<MeasureDevice>(MeasureDevice{});
  if (directory == nullptr)
    report(skipped_measure(point, fmt::format("no {} DAX directory here", point.filesystem)));
  else if (!device)
    report(skipped_measure(point, device.error().message()));
  else if (const std::string unfit = why_not_here(point, *directory, bench.view->scheme);
           !unfit.empty())
    report(skipped_measure(point, unfit));
  else
    why = repeat(point,
                 {.directory = *directory,
                  .view = *bench.view,
                  .device = *device,
                  .patience = plan.patience,
                  .busy = sink.busy},
                 plan, sink, report);
  if (sink.measure_end) sink.measure_end(planned);
  return why;
}

}  // namespace daxbreak
