// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <map>
#include <memory>

#include "base/nearest.h"
#include "cli/commands.h"
#include "cli/configs.h"
#include "cli/say.h"
#include "gate/gate.h"
#include "job/job_file.h"
#include "kernel/scheme.h"
#include "lab/kernel_catalogue.h"
#include "lab/kernel_provide.h"
#include "oracle/verdict.h"
#include "result/stream.h"
#include "trial/layout.h"
#include "workloads/breaker/breaker.h"
#include "workloads/disturber/disturber.h"
#include "workloads/memory/memory.h"
#include "workloads/pin/pin.h"
#include "workloads/storm/storm.h"

namespace daxbreak {
namespace {

/// What a list shows: an array of objects, and the keys that are columns.
struct Listing {
  Json rows = Json::array();
  std::vector<std::string> shown;
};

template <class Kind>
Result<Listing> registered() {
  Listing listing{.shown = {"name", "help"}};
  for (const Kind& kind : Registry<Kind>::all())
    listing.rows.push_back({{"name", kind.name}, {"help", kind.help}});
  return listing;
}

Result<Listing> list_loads() {
  auto listing = registered<LoadKind>();
  if (listing)
    listing->rows.push_back({{"name", storm_name},
                             {"help",
                              "pinners and breakers on the same files, with no order between "
                              "them (storm-pins, storm-breakers)"}});
  return listing;
}

Result<Listing> list_ranges() {
  Listing listing{.shown = {"name", "help"}};
  for (const RangeKind& kind : range_kinds())
    listing.rows.push_back({{"name", kind.name}, {"help", kind.help}});
  return listing;
}

Result<Listing> list_schemes() {
  auto configs = config_directory();
  if (!configs) return configs.error();
  auto schemes = load_schemes(*configs / "schemes");
  if (!schemes) return schemes.error();
  Listing listing{.shown = {"name", "idle", "mapping", "foll_pin", "title"}};
  for (const Scheme& scheme : *schemes)
    listing.rows.push_back({{"name", scheme.name},
                            {"idle", scheme.idle},
                            {"mapping", fmt::format("+{}", scheme.per_mapping)},
                            {"foll_get", fmt::format("+{}", scheme.foll_get)},
                            {"foll_pin", fmt::format("+{}", scheme.foll_pin)},
                            {"title", scheme.title},
                            {"author", scheme.author},
                            {"source", scheme.source}});
  return listing;
}

Result<Listing> list_kernels() {
  auto configs = config_directory();
  if (!configs) return configs.error();
  auto kernels = read_catalogue(*configs / "kernels");
  if (!kernels) return kernels.error();
  const auto cache = Cache::open();
  Listing listing{.shown = {"name", "default", "suite", "package", "state", "title"}};
  for (const KernelSource& kernel : *kernels) {
    const auto state = cache ? kernel_state(kernel, *cache) : cache.error();
    listing.rows.push_back({{"name", kernel.name},
                            {"default", kernel.by_default ? "default" : "-"},
                            {"suite", kernel.suite},
                            {"package", kernel.built() ? kernel.source : kernel.package},
                            {"state", state ? *state : state.error().message()},
                            {"append", kernel.append},
                            {"title", kernel.title}});
  }
  return listing;
}

Result<Listing> list_findings() {
  Listing listing{.shown = {"name", "invariant", "meaning"}};
  for (const FindingKind& kind : finding_kinds())
    listing.rows.push_back(
        {{"name", kind.name}, {"invariant", kind.invariant}, {"meaning", kind.meaning}});
  return listing;
}

Result<Listing> list_jobs() {
  auto files = shipped_jobs();
  if (!files) return files.error();
  Listing listing{.shown = {"file", "job", "description"}};
  for (const auto& file : *files) {
    auto jobs = load_jobs(file, {}, Vocabulary::registered());
    if (!jobs) return jobs.error();
    for (const Job& job : *jobs)
      listing.rows.push_back({{"file", file.filename().string()},
                              {"job", job.name},
                              {"description", job.description},
                              {"path", file.string()}});
  }
  return listing;
}

Result<Listing> list_keys() {
  Listing listing{.shown = {"key", "help"}};
  for (const JobKey& key : job_keys())
    listing.rows.push_back({{"key", key.value.empty() ? std::string(key.name)
                                                      : fmt::format("{}={}", key.name, key.value)},
                            {"help", key.help}});
  return listing;
}

const std::map<std::string, Result<Listing> (*)()>& subjects() {
  static const std::map<std::string, Result<Listing> (*)()> table{
      {"pins", registered<PinKind>},
      {"breakers", registered<BreakerKind>},
      {"disturbers", registered<DisturberKind>},
      {"gates", registered<GateKind>},
      {"memory", registered<MemoryKind>},
      {"loads", list_loads},
      {"storm-pins", registered<StormPinKind>},
      {"storm-breakers", registered<StormBreakKind>},
      {"ranges", list_ranges},
      {"schemes", list_schemes},
      {"kernels", list_kernels},
      {"findings", list_findings},
      {"jobs", list_jobs},
      {"keys", list_keys},
  };
  return table;
}

std::string cell_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

int list(const std::string& subject, bool json) {
  const auto found = subjects().find(subject);
  if (found == subjects().end()) {
    const auto known = list_subjects();
    const std::string near = nearest_word(subject, known);
    complain(near.empty()
                 ? fmt::format("there is no list of \"{}\"; there is {}", subject,
                               fmt::join(known, ", "))
                 : fmt::format("there is no list of \"{}\"; did you mean \"{}\"?", subject, near));
    return exit_usage;
  }
  auto listing = found->second();
  if (!listing) return failed(listing.error(), exit_could_not_run);
  if (json) {
    fmt::print("{}\n", listing->rows.dump(2));
    return exit_pass;
  }
  std::vector<std::vector<std::string>> rows{{}};
  for (const std::string& name : listing->shown)
    rows[0].push_back(name);
  for (const Json& row : listing->rows) {
    rows.emplace_back();
    for (const std::string& name : listing->shown)
      rows.back().push_back(cell_text(row[name]));
  }
  fmt::print("{}", columns(rows));
  return exit_pass;
}

}  // namespace

std::vector<std::string> list_subjects() {
  std::vector<std::string> names;
  for (const auto& [name, make] : subjects())
    names.push_back(name);
  return names;
}

void add_list(CLI::App& app, Action& action) {
  struct Options {
    std::string subject;
    bool json = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("list", "What there is to choose from");
  command
      ->add_option("WHAT", options->subject,
                   fmt::format("one of {}", fmt::join(list_subjects(), ", ")))
      ->required();
  command->add_flag("--json", options->json, "an array of objects instead of a table");
  command->footer(
      "Examples:\n"
      "  daxbreak list pins\n"
      "  daxbreak list kernels --json");
  command->callback(
      [options, &action] { action = [options] { return list(options->subject, options->json); }; });
}

}  // namespace daxbreak
