// SPDX-License-Identifier: GPL-2.0
/// A null_blk device made through configfs (Documentation/block/null_blk.rst).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace daxbreak {

/// How big gate devices are: trials write a few megabytes at most.
inline constexpr unsigned gate_megabytes = 64;

/// Requests of a block device, reads and writes together (Documentation/block/stat.rst).
struct IoCounts {
  std::uint64_t completed = 0;  ///< since the device was made
  std::uint64_t in_flight = 0;  ///< given to the driver and not completed
};

/// A block device in memory that keeps what is written to it and completes each request from a
/// timer interrupt, `completion` after it was submitted: the data are copied at submission, the
/// pages are held until the timer. Sectors of 512 bytes. Removed when destroyed.
class NullBlk {
 public:
  /// Needs root and the module null_blk, loaded with nr_devices=0. Without a `completion` requests
  /// complete within their submission: for work at full rate.
  [[nodiscard]] static Result<NullBlk> make(Nanos completion);
  NullBlk(NullBlk&& other) noexcept;
  NullBlk& operator=(NullBlk&& other) noexcept;
  NullBlk(const NullBlk&) = delete;
  NullBlk& operator=(const NullBlk&) = delete;
  ~NullBlk();

  /// "/dev/nullb0"
  [[nodiscard]] const std::string& path() const { return path_; }
  /// In sectors of 512 bytes.
  [[nodiscard]] static std::uint64_t sectors() { return gate_megabytes * 2048ULL; }
  /// What the kernel counts now.
  [[nodiscard]] Result<IoCounts> counts() const;

 private:
  NullBlk(std::string name, std::string path);
  std::string name_;  ///< of the configfs directory; empty when moved from
  std::string path_;
};

/// Names of all null_blk devices in configfs that gates made; empty without the module.
[[nodiscard]] std::vector<std::string> list_null_blk_gates();

/// Removes the device of that name.
Result<void> remove_null_blk(const std::string& name);

}  // namespace daxbreak
