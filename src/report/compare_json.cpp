// SPDX-License-Identifier: GPL-2.0
#include <nlohmann/json.hpp>

#include "report/compare_formats.h"

namespace daxbreak {
namespace {

using Json = nlohmann::ordered_json;

Json judgement(const std::optional<Judgement>& one) {
  return one ? Json(name_of(*one)) : Json(nullptr);
}

Json counts(const JudgementCounts& counts) {
  Json json = Json::object();
  for (const Judgement one :
       {Judgement::worse, Judgement::better, Judgement::cant_tell, Judgement::no_difference}) {
    const auto at = counts.find(one);
    json[std::string(name_of(one))] = at == counts.end() ? 0 : at->second;
  }
  return json;
}

Json environment(const Environment& one) {
  return {{"kernel", one.kernel},
          {"release", one.release},
          {"version", one.version},
          {"scheme", one.scheme},
          {"accelerator", one.accelerator}};
}

Json side(const CellSide& side) {
  Json json{{"pass", side.passed},
            {"fail", side.failed},
            {"inconclusive", side.inconclusive},
            {"skip", side.skipped}};
  json["findings"] = Json::object();
  for (const auto& [kind, trials] : side.findings)
    json["findings"][kind] = trials;
  if (!side.reason.empty()) json["reason"] = side.reason;
  if (!side.sentence.empty()) json["sentence"] = side.sentence;
  return json;
}

Json cell(const CellChange& change) {
  Json json{{change.measured ? "measurement" : "cell", change.name},
            {"judgement", name_of(change.judgement)},
            {"change", change.change}};
  if (!change.why.empty()) json["why"] = change.why;
  json["base"] = side(change.base);
  json["new"] = side(change.other);
  json["appeared"] = change.appeared;
  json["vanished"] = change.vanished;
  for (const FlickeringKind& one : change.flickering)
    json["intermittent"].push_back(one.testable ? Json{{"finding", one.kind}, {"p", one.p}}
                                                : Json{{"finding", one.kind}});
  if (!change.known.empty()) json["known"] = change.known;
  return json;
}

std::string_view unit_of(const Figure& figure) {
  switch (figure.unit) {
    case FigureUnit::nanoseconds:
      return "ns";
    case FigureUnit::per_second:
      return "1/s";
    case FigureUnit::plain:
      break;
  }
  return "1";
}

Json figure_json(const Figure& figure) {
  Json json{{"measure", figure.measure}, {"group", figure.group}, {"unit", unit_of(figure)}};
  json["good"] = figure.good == Good::lower ? "lower" : "higher";
  json["judgement"] = name_of(figure.judgement);
  if (!figure.why.empty()) json["why"] = figure.why;
  if (figure.cells > 0) json["cells"] = figure.cells;
  json["base"] = {{"value", figure.base_value}, {"repetitions", figure.base}};
  json["new"] = {{"value", figure.other_value}, {"repetitions", figure.other}};
  json["change"] = figure.change();
  json["interval"] = figure.has_interval ? Json::array({figure.low, figure.high}) : Json(nullptr);
  return json;
}

Json kernel_json(const KernelComparison& kernel) {
  Json json{{"base", environment(kernel.base)}, {"new", environment(kernel.other)}};
  json["verdicts"] = {{"judgement", judgement(kernel.verdicts)},
                      {"counts", counts(count_cells(kernel))}};
  json["latencies"] = {{"judgement", judgement(kernel.latencies)},
                       {"counts", counts(count_figures(kernel, false))}};
  json["rates"] = {{"judgement", judgement(kernel.rates)},
                   {"counts", counts(count_figures(kernel, true))}};
  for (const char* key : {"cells", "censuses", "figures", "only_base", "only_new"})
    json[key] = Json::array();
  for (const CellChange& change : kernel.cells)
    json["cells"].push_back(cell(change));
  for (const CensusChange& census : kernel.censuses)
    json["censuses"].push_back({{"subject", census.subject},
                                {"judgement", name_of(census.judgement)},
                                {"base_pages", census.base},
                                {"new_pages", census.other}});
  for (const Figure& figure : kernel.figures) {
    Json one = figure_json(figure);
    one["of"] = figure.rate ? "measurement" : "trials";
    json["figures"].push_back(std::move(one));
  }
  for (const Cell& one : kernel.only_base)
    json["only_base"].push_back(one.id());
  for (const std::string& name : kernel.measures_only_base)
    json["only_base"].push_back(name);
  for (const Cell& one : kernel.only_other)
    json["only_new"].push_back(one.id());
  for (const std::string& name : kernel.measures_only_other)
    json["only_new"].push_back(name);
  return json;
}

}  // namespace

std::string format_comparison_json(const Comparison& comparison) {
  Json json{{"type", "comparison"},
            {"schema", 1},
            {"judgement", name_of(comparison.judgement)},
            {"confidence", comparison.rules.confidence},
            {"threshold", comparison.rules.threshold},
            {"least_repetitions", comparison.rules.repetitions},
            {"tests", comparison.tests}};
  json["comparisons"] = Json::array();
  for (const RunComparison& run : comparison.runs) {
    Json one{{"base", {{"file", run.base}, {"started", run.base_started}}},
             {"new", {{"file", run.other}, {"started", run.other_started}}},
             {"judgement", name_of(run.judgement)},
             {"notes", run.notes},
             {"kernels_only_base", run.only_base},
             {"kernels_only_new", run.only_other}};
    one["kernels"] = Json::array();
    for (const KernelComparison& kernel : run.kernels)
      one["kernels"].push_back(kernel_json(kernel));
    json["comparisons"].push_back(std::move(one));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace daxbreak
