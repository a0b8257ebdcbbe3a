// SPDX-License-Identifier: GPL-2.0
/// Devices that hold I/O in flight for as long as a trial wants.
#pragma once

#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/registry.h"
#include "base/result.h"

namespace daxbreak {

/// A block device whose I/O stays in flight while the gate is shut. One trial at a time uses it.
class Gate {
 public:
  Gate() = default;
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  /// Opens the gate if it is shut and removes the device.
  virtual ~Gate() = default;

  /// Path of the block device for O_DIRECT I/O. It stores what is written to it.
  [[nodiscard]] virtual const std::string& device() const = 0;

  /// From now on I/O to device() is held.
  virtual Result<void> shut() = 0;

  /// Lets held I/O go on, also if it was shut by a process forked from this one. It completes some
  /// time after this returns. A timed gate opens itself: there open() only waits until its
  /// completion time has surely passed for all that was held.
  virtual Result<void> open() = 0;

  /// Ends held I/O with errors instead, no byte of it moved: for a page that has meanwhile been
  /// given to somebody whose data are not ours to spoil. ENOTSUP from gates that cannot. When the
  /// I/O has ended, mend() makes the gate usable again.
  virtual Result<void> fail() { return Error{"this gate cannot take I/O back", ENOTSUP}; }
  virtual Result<void> mend() { return ok(); }
};

/// What a gate is told when it is made.
struct GateSettings {
  Nanos completion{};  ///< timed gates: how long each I/O stays in flight
};

/// One kind of gate.
struct GateKind {
  std::string_view name;  ///< as in a job file: "dm", "null-blk"
  std::string_view help;  ///< one line for `list gates`
  bool timed = false;     ///< a timer opens it, not the trial
  std::function<Result<std::unique_ptr<Gate>>(const GateSettings&)> make;
};

using GateRegistry = Registry<GateKind>;

}  // namespace daxbreak
