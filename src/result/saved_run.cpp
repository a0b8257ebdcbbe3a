// SPDX-License-Identifier: GPL-2.0
#include "result/saved_run.h"

#include <fcntl.h>

#include <algorithm>
#include <system_error>

#include "base/file.h"
#include "result/json_reader.h"
#include "result/put_census.h"

namespace daxbreak {
namespace {

std::string type_of(const Json& line) {
  const auto type = line.is_object() ? line.find("type") : line.end();
  return line.is_object() && type != line.end() && type->is_string() ? type->get<std::string>()
                                                                     : std::string();
}

/// The record of a line: the line itself, or what it wraps (the lab's protocol).
const Json& payload_of(const Json& line, const char* key) {
  const auto at = line.find(key);
  return at != line.end() && at->is_object() ? *at : line;
}

Result<void> add_run_begin(RunRecord& run, const Json& line) {
  JsonReader in(line, "run_begin");
  const int schema = in.need<int>("schema");
  run.command = in.take<std::string>("command");
  run.started = in.take<std::string>("started");
  if (!in.good()) return in.error();
  if (const Json* plan = in.child("plan", false)) {
    auto read = plan_record_from_json(*plan);
    if (!read) return read.error();
    run.plan = std::move(*read);
  }
  if (schema > stream_schema)
    return Error{"written by a newer daxbreak (schema " + std::to_string(schema) + ")"};
  return ok();
}

Result<void> add_run_end(RunRecord& run, const Json& line) {
  JsonReader in(line, "run_end");
  run.seconds = in.take<double>("seconds");
  if (const Json* phases = in.child("phases", false); phases != nullptr && phases->is_object())
    for (const auto& [name, seconds] : phases->items())
      if (seconds.is_number()) run.phases[name] = seconds.get<double>();
  if (!in.good()) return in.error();
  return ok();
}

void put_environment(RunRecord& run, Environment environment) {
  const auto at =
      std::find_if(run.environments.begin(), run.environments.end(),
                   [&](const Environment& e) { return e.kernel == environment.kernel; });
  if (at == run.environments.end())
    run.environments.push_back(std::move(environment));
  else
    *at = std::move(environment);
}

void put_trial(RunRecord& run, TrialRecord trial) {
  // From the back: a repeated trial is a recent one.
  const auto at = std::find_if(run.trials.rbegin(), run.trials.rend(), [&](const TrialRecord& t) {
    return t.index == trial.index && t.timeline.cell.kernel == trial.timeline.cell.kernel;
  });
  if (at == run.trials.rend())
    run.trials.push_back(std::move(trial));
  else
    *at = std::move(trial);
}

Result<SavedRun> parse_stream(std::string_view text) {
  SavedRun saved;
  bool ended = false;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto newline = text.find('\n');
    const bool cut = newline == std::string_view::npos;
    const std::string_view line = text.substr(0, newline);
    text.remove_prefix(cut ? text.size() : newline + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;

    auto json = parse_json(line);
    Result<void> added = json ? add_line(saved.run, *json) : Result<void>(json.error());
    if (!added && cut) {
      saved.notes.push_back("The last line was cut off and is left out.");
      break;
    }
    if (!added) return Error{"line " + std::to_string(number) + ": " + added.error().message()};

    if (type_of(*json) == "run_end") ended = true;
  }
  if (!ended)
    saved.notes.push_back("The stream has no end: the run was interrupted, or is still going on.");
  return saved;
}

}  // namespace

Result<void> add_line(RunRecord& run, const Json& line) {
  const std::string type = type_of(line);
  if (type.empty()) return Error{"not a line of an event stream: no \"type\""};
  if (type == "run_begin") return add_run_begin(run, line);
  if (type == "run_end") return add_run_end(run, line);
  if (type == "environment") {
    auto environment = environment_from_json(payload_of(line, "environment"));
    if (!environment) return environment.error();
    put_environment(run, std::move(*environment));
  } else if (type == "trial" || type == "trial_end") {
    auto trial = trial_from_json(payload_of(line, "record"));
    if (!trial) return trial.error();
    put_trial(run, std::move(*trial));
  } else if (type == "census") {
    auto census = census_from_json(payload_of(line, "record"));
    if (!census) return census.error();
    put_census(run.censuses, std::move(*census));
  } else if (type == "measure") {
    auto measure = measure_from_json(payload_of(line, "record"));
    if (!measure) return measure.error();
    run.measures.push_back(std::move(*measure));
  } else if (type == "incident") {
    auto incident = incident_from_json(line);
    if (!incident) return incident.error();
    run.incidents.push_back(std::move(*incident));
  }
  return ok();
}

Result<SavedRun> parse_run(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return Error{"the file is empty"};
  // A whole file that is one object is a result file; a stream of one line is an object too, and
  // told by its type.
  if (auto whole = parse_json(text)) {
    if (type_of(*whole) == "run") {
      auto run = run_from_json(*whole);
      if (!run) return run.error();
      return SavedRun{.run = std::move(*run)};
    }
    if (whole->is_object() && whole->contains("fio version"))
      return Error{
          "this is a summary in fio's format, which does not hold the trials; "
          "give the event stream (.jsonl) of the run"};
  }
  return parse_stream(text);
}

Result<SavedRun> load_run(const std::filesystem::path& path) {
  auto text = read_file(path);
  if (!text) return text.error();
  auto saved = parse_run(*text);
  if (!saved) return Error{path.string() + ": " + saved.error().message()};
  return saved;
}

Result<void> save_run(const std::filesystem::path& path, const RunRecord& run) {
  std::filesystem::path fresh = path;
  fresh += ".new";
  {
    auto fd = open_file(fresh, O_WRONLY | O_CREAT | O_TRUNC);
    if (!fd) return fd.error();
    auto written = write_all(fd->get(), to_line(to_json(run)));
    if (!written) return Error{"write " + fresh.string(), written.error().number};
  }
  std::error_code problem;
  std::filesystem::rename(fresh, path, problem);
  if (problem) return Error{"rename " + fresh.string() + " to " + path.string(), problem.value()};
  return ok();
}

}  // namespace daxbreak
