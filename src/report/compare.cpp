// SPDX-License-Identifier: GPL-2.0
#include "report/compare.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/compare_parts.h"
#include "report/tally.h"
#include "report/text.h"

namespace daxbreak {
namespace {

using KernelPair = std::pair<std::string, std::string>;

bool holds(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// Kernels of the environments, trials and incidents, and of the measurements.
std::vector<std::string> all_kernels(const RunRecord& run) {
  std::vector<std::string> kernels = kernels_of(run);
  for (const MeasureRecord& measure : run.measures)
    if (!holds(kernels, measure.kernel)) kernels.push_back(measure.kernel);
  return kernels;
}

Error no_kernel(const ComparedRun& run, const std::string& kernel, const char* option) {
  return Error{fmt::format("{}: {} has no kernel \"{}\"; it has {}", option, run.name, kernel,
                           enumerate(all_kernels(run.run)))};
}

/// What a kernel that was named alone is compared with: the one of its name, or the only one.
Result<std::string> partner(const std::string& kernel, const ComparedRun& run, const char* option) {
  const auto kernels = all_kernels(run.run);
  if (holds(kernels, kernel)) return kernel;
  if (kernels.size() == 1) return kernels.front();
  return Error{fmt::format("which kernel of {} is {} to be compared with? Say it by {}: it has {}",
                           run.name, kernel, option, enumerate(kernels))};
}

Result<std::vector<KernelPair>> pair_kernels(const ComparedRun& base, const ComparedRun& other,
                                             const CompareOptions& options) {
  const auto left = all_kernels(base.run);
  const auto right = all_kernels(other.run);
  std::string mine = options.base_kernel;
  std::string theirs = options.other_kernel;
  if (!mine.empty() && !holds(left, mine)) return no_kernel(base, mine, "--base-kernel");
  if (!theirs.empty() && !holds(right, theirs)) return no_kernel(other, theirs, "--new-kernel");
  if (mine.empty() && theirs.empty()) {
    std::vector<KernelPair> pairs;
    for (const std::string& kernel : left)
      if (holds(right, kernel)) pairs.emplace_back(kernel, kernel);
    if (!pairs.empty()) return pairs;
    if (left.size() == 1 && right.size() == 1)
      return std::vector<KernelPair>{{left.front(), right.front()}};
    return Error{fmt::format(
        "{} has the kernels {} and {} has {}, none of the same name: say which to compare by "
        "--base-kernel and --new-kernel",
        base.name, enumerate(left), other.name, enumerate(right))};
  }
  if (theirs.empty()) {
    auto found = partner(mine, other, "--new-kernel");
    if (!found) return found.error();
    theirs = *found;
  } else if (mine.empty()) {
    auto found = partner(theirs, base, "--base-kernel");
    if (!found) return found.error();
    mine = *found;
  }
  return std::vector<KernelPair>{{mine, theirs}};
}

Environment named_environment(const RunRecord& run, const std::string& kernel) {
  Environment environment = environment_of(run, kernel);
  environment.kernel = kernel;
  return environment;
}

KernelComparison compare_kernels(const KernelPart& base, const KernelPart& other, CompareBy by,
                                 const std::vector<KnownFinding>& known) {
  KernelComparison comparison{.base = named_environment(base.run, base.kernel),
                              .other = named_environment(other.run, other.kernel)};
  compare_cells(base, other, known, comparison);
  compare_censuses(base, other, comparison);
  comparison.figures = trial_figures(base, other, by);
  for (Figure& figure : measure_figures(base, other))
    comparison.figures.push_back(std::move(figure));
  return comparison;
}

/// Questions of chance that a kernel's lines ask.
std::size_t tests_of(const KernelComparison& comparison, const CompareRules& rules) {
  std::size_t tests = 0;
  for (const CellChange& change : comparison.cells)
    tests += static_cast<std::size_t>(
        std::count_if(change.flickering.begin(), change.flickering.end(),
                      [](const FlickeringKind& one) { return one.testable; }));
  for (const Figure& figure : comparison.figures)
    tests += can_be_tested(figure, rules) ? 1 : 0;
  return tests;
}

std::optional<Judgement> fold(const std::vector<Judgement>& judgements) {
  if (judgements.empty()) return std::nullopt;
  return all_of(judgements);
}

void judge(KernelComparison& comparison, const CompareRules& rules, std::size_t tests) {
  judge_cells(comparison, rules, tests);
  std::vector<Judgement> verdicts;
  std::vector<Judgement> latencies;
  std::vector<Judgement> rates;
  for (const CellChange& change : comparison.cells)
    verdicts.push_back(change.judgement);
  for (const CensusChange& change : comparison.censuses)
    verdicts.push_back(change.judgement);
  for (Figure& figure : comparison.figures) {
    judge_figure(figure, rules, tests);
    (figure.rate ? rates : latencies).push_back(figure.judgement);
  }
  comparison.verdicts = fold(verdicts);
  comparison.latencies = fold(latencies);
  comparison.rates = fold(rates);
}

Result<RunComparison> compare_two(const ComparedRun& base, const ComparedRun& other,
                                  const CompareOptions& options,
                                  const std::vector<KnownFinding>& known) {
  auto pairs = pair_kernels(base, other, options);
  if (!pairs) return pairs.error();
  RunComparison comparison{.base = base.name,
                           .other = other.name,
                           .base_started = base.run.started,
                           .other_started = other.run.started};
  for (const ComparedRun* run : {&base, &other}) {
    if (run == &other && base.name == other.name) break;  // one file, read once
    for (const std::string& note : run->notes)
      comparison.notes.push_back(run->name + ": " + note);
  }
  for (const auto& [mine, theirs] : *pairs)
    comparison.kernels.push_back(
        compare_kernels({base.run, mine}, {other.run, theirs}, options.by, known));
  if (!options.base_kernel.empty() || !options.other_kernel.empty()) return comparison;
  for (const std::string& kernel : all_kernels(base.run))
    if (std::none_of(pairs->begin(), pairs->end(),
                     [&](const KernelPair& pair) { return pair.first == kernel; }))
      comparison.only_base.push_back(kernel);
  for (const std::string& kernel : all_kernels(other.run))
    if (std::none_of(pairs->begin(), pairs->end(),
                     [&](const KernelPair& pair) { return pair.second == kernel; }))
      comparison.only_other.push_back(kernel);
  return comparison;
}

}  // namespace

JudgementCounts count_cells(const KernelComparison& kernel) {
  JudgementCounts counts;
  for (const CellChange& change : kernel.cells)
    ++counts[change.judgement];
  for (const CensusChange& change : kernel.censuses)
    ++counts[change.judgement];
  return counts;
}

JudgementCounts count_figures(const KernelComparison& kernel, bool rates) {
  JudgementCounts counts;
  for (const Figure& figure : kernel.figures)
    if (figure.rate == rates) ++counts[figure.judgement];
  return counts;
}

Result<Comparison> compare_runs(const ComparedRun& base, std::span<const ComparedRun> others,
                                const CompareOptions& options,
                                const std::vector<KnownFinding>& known) {
  Comparison comparison{.rules = options.rules};
  for (const ComparedRun& other : others) {
    auto two = compare_two(base, other, options, known);
    if (!two) return two.error();
    for (const KernelComparison& kernel : two->kernels)
      comparison.tests += tests_of(kernel, options.rules);
    comparison.runs.push_back(std::move(*two));
  }
  std::vector<Judgement> all;
  for (RunComparison& run : comparison.runs) {
    std::vector<Judgement> parts;
    for (KernelComparison& kernel : run.kernels) {
      judge(kernel, options.rules, comparison.tests);
      for (const auto& part : {kernel.verdicts, kernel.latencies, kernel.rates})
        if (part) parts.push_back(*part);
    }
    if (parts.empty()) continue;
    comparison.compared = true;
    run.judgement = all_of(parts);
    all.push_back(run.judgement);
  }
  if (comparison.compared) comparison.judgement = all_of(all);
  return comparison;
}

}  // namespace daxbreak
