// SPDX-License-Identifier: GPL-2.0
/// What host and guest say to each other over the virtio port: one JSON object a line, `type`
/// first. Pure: no descriptor is touched here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "result/record.h"
#include "result/stream.h"
#include "run/runner.h"

namespace daxbreak {

/// The name of the port, in QEMU's `-device virtserialport,name=` and in the guest's
/// /sys/class/virtio-ports/*/name.
inline constexpr std::string_view port_name = "daxbreak.0";

/// What stands on the console before the reason for which the guest's init powers the machine off:
/// the only way to tell where there is no port.
inline constexpr std::string_view guest_gives_up = "cannot go on: ";

/// Guest: its kernel and /init run. Times are seconds of the guest's uptime.
struct Hello {
  std::string release;                   ///< uname -r
  std::map<std::string, double> phases;  ///< "init", "modules", "pmem" -> uptime when reached
};

/// Guest: once a second, by PID 1, whatever the runner does.
struct Alive {
  std::uint64_t sequence = 0;
  double uptime = 0;  ///< seconds
};

/// Guest: the DAX mounts are there and the first plan begins. Seconds each step took.
struct Ready {
  std::map<std::string, double> phases;  ///< "namespaces", "mkfs", "mount"
};

/// Guest: a trial begins. Nothing of it is done before the host has answered Start: a machine that
/// dies at once would take a line still on its way with it, and the trial before be blamed.
struct TrialBegin {
  std::uint64_t index = 0;
};

/// Guest: the runner is at work on a measurement that takes long.
struct Busy {};

/// Guest: a measurement has come to its end; its repetitions came as MeasureRecords.
struct MeasureEnd {
  std::uint64_t index = 0;
};

/// Guest: something a person may want to know; an error if the guest cannot go on.
struct GuestLog {
  bool error = false;
  std::string text;
};

/// Guest: no further trial can be run in this boot, and why.
struct Wedged {
  std::string why;
};

/// Guest: the plan has ended. `error` is empty unless the runner could not do its work.
struct Done {
  std::string error;
};

/// Host: it has noted that this trial begins.
struct Start {
  std::uint64_t index = 0;
};

/// Host: no more plans; power off.
struct Stop {};

/// One line of the conversation. Plan is the host's, and may come again after each Done.
using Message =
    std::variant<Hello, Alive, Ready, Environment, TrialBegin, TrialRecord, MeasureRecord,
                 MeasureEnd, Busy, CensusRecord, GuestLog, Wedged, Done, Plan, Start, Stop>;

/// The line of a message, newline included. Bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string encode(const Message& message);

/// The message of a line; an Error says what is wrong with it.
[[nodiscard]] Result<Message> decode(std::string_view line);

/// Plans as JSON.
[[nodiscard]] Json plan_to_json(const Plan& plan);
[[nodiscard]] Result<Plan> plan_from_json(const Json& json);

/// Puts lines together from whatever pieces a stream delivers. A line longer than the limit is
/// dropped up to its newline and counted, so that a guest gone mad cannot eat the host's memory.
class LineReader {
 public:
  explicit LineReader(std::size_t limit = 16UL << 20) : limit_(limit) {}

  /// Takes bytes in and returns the lines they complete, without newlines and without empty ones.
  [[nodiscard]] std::vector<std::string> take(std::string_view bytes);

  /// How many over-long lines were dropped so far.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  std::size_t limit_;
  std::string partial_;
  bool dropping_ = false;
  std::uint64_t dropped_ = 0;
};

}  // namespace daxbreak
