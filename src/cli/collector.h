// SPDX-License-Identifier: GPL-2.0
/// Takes results as they come: into the event stream on disk, and as progress to the terminal.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "result/record.h"

namespace daxbreak {

/// Where a run stands. Its members may be called from any thread.
class Collector {
 public:
  /// `events`: path of the raw stream, "" for none; it begins with the rest. `quiet`: nothing on
  /// standard error.
  [[nodiscard]] static Result<Collector> open(const std::string& events, const std::string& command,
                                              const std::string& started, const PlanRecord& plan,
                                              bool quiet);
  Collector(Collector&&) noexcept;
  Collector& operator=(Collector&&) noexcept;
  ~Collector();

  /// How many cells will come of a kernel, for the time left.
  void expect(const std::string& kernel, std::size_t cells);

  /// A sentence for a person, that stays.
  void say(const std::string& sentence);
  /// A kernel has come to a stage: "fetching", "boot", "trials".
  void stage(const std::string& kernel, const std::string& stage);
  void environment(const Environment& environment);
  void trial_begin(const std::string& kernel, std::uint64_t index, const std::string& id);
  void trial_end(const std::string& kernel, const TrialRecord& record);
  void measure(const MeasureRecord& record);
  void census(const CensusRecord& record);
  void incident(const Incident& incident);

  /// Ends the stream and the progress line. Returns the first error of writing the stream.
  Result<void> finish(double seconds, const std::map<std::string, double>& phases);

 private:
  struct State;
  explicit Collector(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace daxbreak
