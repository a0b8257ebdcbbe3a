// SPDX-License-Identifier: GPL-2.0
#include "cli/rejudge.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernel/scheme.h"
#include "oracle/judge.h"
#include "report/tally.h"

namespace daxbreak {

Result<void> rejudge(RunRecord& run, const std::filesystem::path& configs) {
  auto schemes = load_schemes(configs / "schemes");
  if (!schemes) return schemes.error();
  for (TrialRecord& trial : run.trials) {
    if (trial.timeline.events.empty()) continue;
    const Environment& environment = environment_of(run, trial.timeline.cell.kernel);
    const auto scheme = std::find_if(schemes->begin(), schemes->end(), [&](const Scheme& one) {
      return one.name == environment.scheme;
    });
    if (scheme == schemes->end())
      return Error{fmt::format("cannot judge {} on {} again: no scheme is called \"{}\"",
                               trial.timeline.cell.id(), trial.timeline.cell.kernel,
                               environment.scheme)};
    trial.verdict = judge(trial.timeline, *scheme);
  }
  return ok();
}

}  // namespace daxbreak
