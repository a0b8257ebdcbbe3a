// SPDX-License-Identifier: GPL-2.0
#include "result/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "base/units.h"

namespace daxbreak {
namespace {

/// Two runs that cannot be put together.
Error apart(const NamedRun& left, const NamedRun& right, const std::string& why) {
  return Error{fmt::format("{} and {} are not parts of one run: {}", left.name, right.name, why)};
}

/// What tells the plans of two runs apart, or "".
std::string plans_differ(const PlanRecord& left, const PlanRecord& right) {
  if (left.job != right.job) return fmt::format("one ran {}, the other {}", left.job, right.job);
  for (const CoverRecord& one : left.covers)
    for (const CoverRecord& other : right.covers)
      if (one.job == other.job && one.seed != other.seed)
        return fmt::format("[{}] has seed {} in one and {} in the other", one.job, one.seed,
                           other.seed);
  if (left.fingerprint != right.fingerprint)
    return fmt::format("the cells of {} were not the same", left.job);
  if (left.of != right.of)
    return fmt::format("one is a part of {}, the other a part of {}", left.of, right.of);
  return "";
}

/// What tells two runs' idea of a kernel apart, or "".
std::string kernels_differ(const Environment& left, const Environment& right) {
  const auto differ = [&](std::string_view what, const std::string& one,
                          const std::string& other) -> std::string {
    if (one == other) return "";
    return fmt::format("the {} of {} is \"{}\" in one and \"{}\" in the other", what, left.kernel,
                       one, other);
  };
  for (const std::string& why : {differ("version", left.version, right.version),
                                 differ("release", left.release, right.release),
                                 differ("scheme", left.scheme, right.scheme)})
    if (!why.empty()) return why;
  return "";
}

/// What only one run of several may hold.
using MeasureKey = std::tuple<std::string, std::string, std::string, std::string, std::string,
                              std::uint64_t, std::map<std::string, std::string>, unsigned>;

MeasureKey key_of(const MeasureRecord& measure) {
  return {measure.kernel,     measure.job,       measure.load,  measure.engine,
          measure.filesystem, measure.page_size, measure.point, measure.repetition};
}

/// "repetition 1 of [mapped] storm/ext4/4k mapped=64m".
std::string text_of(const MeasureRecord& measure) {
  std::string text = fmt::format("repetition {} of [{}] {}/{}/{}", measure.repetition, measure.job,
                                 measure.load, measure.filesystem, format_size(measure.page_size));
  for (const auto& [key, value] : measure.point)
    text += fmt::format(" {}={}", key, value);
  return text;
}

class Merger {
 public:
  Result<RunRecord> merge(std::span<const NamedRun> runs) {
    if (runs.empty()) return Error{"there is nothing to merge"};
    for (const NamedRun& next : runs)
      if (auto done = add(next, runs.front()); !done) return done.error();
    auto& shards = run_.plan.shards;
    std::sort(shards.begin(), shards.end());
    shards.erase(std::unique(shards.begin(), shards.end()), shards.end());
    std::stable_sort(run_.trials.begin(), run_.trials.end(),
                     [this](const TrialRecord& left, const TrialRecord& right) {
                       return std::pair(place(left), left.index) <
                              std::pair(place(right), right.index);
                     });
    return std::move(run_);
  }

 private:
  Result<void> add(const NamedRun& next, const NamedRun& first) {
    const RunRecord& other = next.run;
    if (other.plan.fingerprint.empty())
      return Error{
          fmt::format("{} does not say which cells it was to run: it was written before "
                      "runs could be merged",
                      next.name)};
    if (&next == &first) {
      run_.plan = other.plan;
    } else {
      if (const std::string why = plans_differ(first.run.plan, other.plan); !why.empty())
        return apart(first, next, why);
      run_.plan.shards.insert(run_.plan.shards.end(), other.plan.shards.begin(),
                              other.plan.shards.end());
    }
    for (const Environment& environment : other.environments)
      if (auto done = add_kernel(environment, next); !done) return done;
    for (const TrialRecord& trial : other.trials)
      if (auto done = add_trial(trial, next); !done) return done;
    run_.censuses.insert(run_.censuses.end(), other.censuses.begin(), other.censuses.end());
    run_.incidents.insert(run_.incidents.end(), other.incidents.begin(), other.incidents.end());
    for (const MeasureRecord& measure : other.measures)
      if (auto done = add_measure(measure, next); !done) return done;
    for (const auto& [name, seconds] : other.phases)
      run_.phases[name] += seconds;
    run_.seconds += other.seconds;
    // ISO 8601 sorts as it reads.
    if (run_.started.empty() || (!other.started.empty() && other.started < run_.started))
      run_.started = other.started;
    return ok();
  }

  Result<void> add_kernel(const Environment& environment, const NamedRun& from) {
    const auto same =
        std::find_if(run_.environments.begin(), run_.environments.end(),
                     [&](const Environment& one) { return one.kernel == environment.kernel; });
    // One that never came so far as to tell has nothing to contradict.
    const bool spoke = !environment.scheme.empty();
    if (same == run_.environments.end())
      run_.environments.push_back(environment);
    else if (same->scheme.empty() && spoke)
      *same = environment;
    else if (const std::string why = kernels_differ(*same, environment); spoke && !why.empty())
      return apart(*kernel_from_.at(environment.kernel), from, why);
    else
      return ok();
    kernel_from_[environment.kernel] = &from;
    return ok();
  }

  Result<void> add_trial(const TrialRecord& trial, const NamedRun& from) {
    const std::string& kernel = trial.timeline.cell.kernel;
    const auto [at, fresh] = trial_from_.try_emplace(std::pair(kernel, trial.index), &from);
    if (!fresh)
      return apart(*at->second, from,
                   fmt::format("both hold {} on {}; to run cells more than once, use --repeat",
                               trial.timeline.cell.id(), kernel));
    run_.trials.push_back(trial);
    return ok();
  }

  /// Runs of older versions may hold one twice themselves: a lost one was always the first.
  Result<void> add_measure(const MeasureRecord& measure, const NamedRun& from) {
    const auto [at, fresh] = measure_from_.try_emplace(key_of(measure), &from);
    if (!fresh && at->second != &from)
      return apart(*at->second, from,
                   fmt::format("both hold {} on {}; to measure more than once, use --repeat",
                               text_of(measure), measure.kernel));
    run_.measures.push_back(measure);
    return ok();
  }

  [[nodiscard]] std::size_t place(const TrialRecord& trial) const {
    const auto at = std::find_if(
        run_.environments.begin(), run_.environments.end(),
        [&](const Environment& one) { return one.kernel == trial.timeline.cell.kernel; });
    return static_cast<std::size_t>(at - run_.environments.begin());
  }

  RunRecord run_;
  std::map<std::string, const NamedRun*> kernel_from_;
  std::map<std::pair<std::string, std::uint64_t>, const NamedRun*> trial_from_;
  std::map<MeasureKey, const NamedRun*> measure_from_;
};

}  // namespace

Result<RunRecord> merge_runs(std::span<const NamedRun> runs) {
  return Merger().merge(runs);
}

}  // namespace daxbreak
