// SPDX-License-Identifier: GPL-2.0
/// The raw event stream of a run on disk: what was measured survives whatever happens next.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "result/stream.h"

namespace daxbreak {

/// An append-only JSON Lines file. Every line is one write(2), so that a run that is killed leaves
/// whole lines and at most one cut one at the end, which load_run() forgives.
/// One writer; not for use by several threads at once.
class EventLog {
 public:
  /// Makes the file (and its directories) anew; one that exists is not touched but an Error.
  [[nodiscard]] static Result<EventLog> create(const std::filesystem::path& path);

  /// Appends one object as one line.
  Result<void> append(const Json& line);

  /// The line that a run's log starts with.
  Result<void> begin(const std::string& command, const std::string& started,
                     const PlanRecord& plan = {});
  /// The line that it ends with; a log without it was cut short.
  Result<void> end(double seconds, const std::map<std::string, double>& phases);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  EventLog(std::filesystem::path path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  std::filesystem::path path_;
  Fd fd_;
};

}  // namespace daxbreak
