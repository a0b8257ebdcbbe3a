// SPDX-License-Identifier: GPL-2.0
#include "result/event_log.h"

#include <fcntl.h>

#include <cerrno>
#include <cmath>
#include <system_error>

#include "base/file.h"

namespace daxbreak {

Result<EventLog> EventLog::create(const std::filesystem::path& path) {
  std::error_code problem;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), problem);
  if (problem) return Error{"make directory " + path.parent_path().string(), problem.value()};
  auto fd = open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND);
  if (!fd && fd.error().number == EEXIST)
    return Error{path.string() + " exists, and events are never written over: name another file"};
  if (!fd) return fd.error();
  return EventLog(path, std::move(*fd));
}

Result<void> EventLog::append(const Json& line) {
  auto written = write_all(fd_.get(), to_line(line));
  if (!written) return Error{"append to " + path_.string(), written.error().number};
  return ok();
}

Result<void> EventLog::begin(const std::string& command, const std::string& started,
                             const PlanRecord& plan) {
  Json line;
  line["type"] = "run_begin";
  line["schema"] = stream_schema;
  line["command"] = command;
  line["started"] = started;
  line["plan"] = to_json(plan);
  return append(line);
}

Result<void> EventLog::end(double seconds, const std::map<std::string, double>& phases) {
  Json line;
  line["type"] = "run_end";
  line["seconds"] = std::isfinite(seconds) ? seconds : 0.0;
  line["phases"] = Json::object();
  for (const auto& [name, spent] : phases)
    line["phases"][name] = std::isfinite(spent) ? spent : 0.0;
  return append(line);
}

}  // namespace daxbreak
