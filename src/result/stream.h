// SPDX-License-Identifier: GPL-2.0
/// The event stream: JSON Lines, one object a line, `type` first. The guest writes it to a virtio
/// port, the host to a file; both directions of the lab's protocol are made of it.
///
/// Records carry their own `type` ("environment", "trial", "census", "incident", "measure", "run"),
/// so that to_line(to_json(record)) is a line of the stream. Environment and run also carry
/// `schema`. Times are integers in nanoseconds (keys end in _ns, an event's `t` excepted),
/// durations of the run are seconds. Kernel addresses are hexadecimal strings: a JSON number above
/// 2^53 does not survive most tools. Fields of an event that are 0 or empty are left out.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "result/record.h"

namespace daxbreak {

using Json = nlohmann::ordered_json;

/// Raised when an older reader would misread what is written now; additions do not raise it.
inline constexpr int stream_schema = 1;

/// Values to JSON and back. from_* report what is wrong with the text instead of throwing; they
/// ignore keys they do not know and name a mandatory one that is missing. Text that is not UTF-8
/// (a console can print anything) is repaired on writing, so dump() never throws on the result.
[[nodiscard]] Json to_json(const Cell& cell);
[[nodiscard]] Json to_json(const Timeline& timeline);
[[nodiscard]] Json to_json(const Verdict& verdict);
[[nodiscard]] Json to_json(const TrialRecord& record);
[[nodiscard]] Json to_json(const Environment& environment);
[[nodiscard]] Json to_json(const CensusRecord& record);
[[nodiscard]] Json to_json(const Incident& incident);
[[nodiscard]] Json to_json(const PlanRecord& record);
[[nodiscard]] Json to_json(const MeasureRecord& record);
[[nodiscard]] Json to_json(const RunRecord& record);

[[nodiscard]] Result<Cell> cell_from_json(const Json& json);
[[nodiscard]] Result<Timeline> timeline_from_json(const Json& json);
[[nodiscard]] Result<Verdict> verdict_from_json(const Json& json);
[[nodiscard]] Result<TrialRecord> trial_from_json(const Json& json);
[[nodiscard]] Result<Environment> environment_from_json(const Json& json);
[[nodiscard]] Result<CensusRecord> census_from_json(const Json& json);
[[nodiscard]] Result<Incident> incident_from_json(const Json& json);
[[nodiscard]] Result<PlanRecord> plan_record_from_json(const Json& json);
[[nodiscard]] Result<MeasureRecord> measure_from_json(const Json& json);
[[nodiscard]] Result<RunRecord> run_from_json(const Json& json);

/// One line of text to JSON; an Error says what is wrong with it.
[[nodiscard]] Result<Json> parse_json(std::string_view text);

/// JSON to one line of text, newline included. Never throws: what is not UTF-8 is replaced.
[[nodiscard]] std::string to_line(const Json& json);

}  // namespace daxbreak
