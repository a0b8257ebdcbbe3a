// SPDX-License-Identifier: GPL-2.0
/// The same work, twice: as a load of ours and as a job of fio's. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "workloads/storm/load.h"

namespace daxbreak {

/// What an operation of a pair works on.
enum class VersusTarget {
  file,    ///< a file of a DAX filesystem
  device,  ///< a device-dax node
  block,   ///< a block device, with buffers in a mapped file of a DAX filesystem
};

/// Which of fio's latencies is measured from where to where ours is.
enum class FioLatency {
  clat,  ///< of engines that do the work within their submission
  lat,   ///< of asynchronous ones: submission and completion together
};

/// One pair. All but `name` says how, in both languages.
struct VersusPair {
  std::string_view name;
  VersusTarget target = VersusTarget::file;
  std::string_view load;    ///< ours, of LoadRegistry
  unsigned series = 0;      ///< the one that is compared, of Load::series()
  std::string_view engine;  ///< fio's ioengine
  std::string_view rw;      ///< fio's rw, of sequential work
  Direction direction = Direction::read;
  unsigned depth = 1;
  FioLatency latency = FioLatency::clat;
  std::vector<std::string> more;  ///< further options of fio's
};

/// Every pair, in the order in which they run.
[[nodiscard]] const std::vector<VersusPair>& versus_pairs();

/// How large and how long.
struct VersusSettings {
  std::uint64_t block_size = 4096;
  std::uint64_t size = 64UL << 20;  ///< of the file or node, bytes
  Nanos runtime = std::chrono::seconds(2);
  Nanos warmup = std::chrono::milliseconds(500);  ///< before the clock starts, on both sides
  unsigned repetitions = 3;
  std::uint64_t seed = 1;
  bool random = false;
};

/// Where. Empty what is not there.
struct VersusPlace {
  std::string folder;   ///< in a DAX filesystem
  std::string data;     ///< file there, VersusSettings::size bytes, all written
  std::string buffers;  ///< file there for buffers, all written
  std::uint64_t buffers_size = 0;
  std::string node;              ///< of device-dax
  std::uint64_t node_pages = 0;  ///< their size, bytes
  std::string block;             ///< block device
  std::uint64_t block_size = 0;  ///< of the whole of it, bytes
};

/// The work of a pair for our load.
[[nodiscard]] LoadPlace our_place(const VersusPair& pair, const VersusSettings& settings,
                                  const VersusPlace& place);

/// The same for fio, program name included; its json+ goes to `output`.
[[nodiscard]] std::vector<std::string> fio_command(const VersusPair& pair,
                                                   const VersusSettings& settings,
                                                   const VersusPlace& place,
                                                   const std::string& output);

/// Whether fio's words and our place ask for the same: block size, depth, stretch, direction,
/// order, buffers, times. An Error names what differs. Made from the two results, not from what
/// they were made of.
[[nodiscard]] Result<void> check_same_work(const VersusPair& pair, const VersusSettings& settings,
                                           const LoadPlace& ours,
                                           const std::vector<std::string>& fio);

/// What our load is asked for, under a job file's keys: bytes and nanoseconds. For records.
[[nodiscard]] std::map<std::string, std::string> own_settings(const LoadPlace& ours,
                                                              const VersusSettings& settings);

/// What fio is given, option by option: {"--bs", "4096"}. Files are named as from the folder of the
/// place, which no other run has.
[[nodiscard]] std::map<std::string, std::string> fio_settings(const std::vector<std::string>& fio,
                                                              const VersusPlace& place);

/// Bytes that VersusPlace::buffers must have for every pair: fio adds a page to align its buffers.
[[nodiscard]] std::uint64_t buffers_needed(const VersusSettings& settings);

/// An Error, with the cure, for settings that no pair can be run with.
[[nodiscard]] Result<void> check_settings(const VersusSettings& settings);

}  // namespace daxbreak
