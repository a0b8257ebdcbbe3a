// SPDX-License-Identifier: GPL-2.0
/// Job files: what to run, in fio's ini form. Lists in a value multiply into cells.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "job/ini.h"
#include "job/measure.h"

namespace daxbreak {

/// Which of the combinations of a job's lists are run.
enum class Cover {
  product,   ///< all
  pairwise,  ///< so many that every pair of values occurs
};

/// One section of a job file, with what it inherits from [global]. The members' values are the
/// defaults of keys that no section sets.
struct Job {
  std::string name;
  std::string description;
  std::vector<std::string> kernels{"default"};  ///< catalogue names, "default", "all", or paths
  std::vector<std::string> filesystems{"ext4", "xfs"};
  std::vector<std::uint64_t> page_sizes{4096};  ///< bytes
  std::vector<std::string> pins;                ///< never empty, but in sections with load=
  std::vector<std::string> breakers;            ///< the same
  std::vector<std::string> disturbers{"none"};
  std::vector<std::string> gates{"dm"};
  std::vector<std::string> memories{"shared"};
  std::vector<std::string> ranges{"same-page"};
  Cover cover = Cover::product;
  std::uint64_t seed = 1;  ///< of the choice that cover=pairwise makes
  unsigned weight = 100;   ///< cells of heavier jobs run first
  Nanos runtime{};  ///< what is not begun by then is skipped, on each kernel; 0: everything is run
  unsigned repeat = 1;  ///< how often each cell is run
  double patience = 1;  ///< factor on every deadline, beside the accelerator's own
  Nanos completion{};   ///< timed gates: how long an I/O stays in flight; 0: the runner's choice
  std::uint64_t nvdimm_size = 512UL << 20;  ///< bytes of each NVDIMM of the lab
  unsigned nvdimm_count = 2;                ///< NVDIMMs of the lab
  std::string directory;   ///< host runs: a directory on a DAX mount; "" runs in the lab
  bool stonewall = false;  ///< accepted as in fio; cells never overlap, so it changes nothing
  MeasureWish measure;     ///< of a section with load=: it has no cells

  [[nodiscard]] bool measures() const { return !measure.loads.empty(); }
};

/// The names that values may take. Kept apart from the registries so that tests bring their own.
struct Vocabulary {
  std::vector<std::string> kernels;  ///< empty: any name will do
  std::vector<std::string> filesystems{"ext4", "xfs"};
  std::vector<std::string> devices;  ///< filesystems that are none: "all" does not mean them
  std::vector<std::string> pins;
  std::vector<std::string> self_tests;  ///< pins that harm the machine, or of memory that a
                                        ///< device takes: "all" does not mean them
  std::vector<std::string> breakers;
  std::vector<std::string> device_breakers;  ///< those of no file: "all" does not mean them
  std::vector<std::string> disturbers;
  std::vector<std::string> memory_disturbers;  ///< of memory that a device takes: likewise
  std::vector<std::string> gates;
  std::vector<std::string> memories;
  std::vector<std::string> ranges;
  std::vector<std::string> loads;           ///< "storm" among them
  std::vector<std::string> storm_pins;      ///< what pin= means in sections with load=
  std::vector<std::string> storm_breakers;  ///< what breaker= means there

  /// What the workloads and gates linked into this program registered; kernels stay empty.
  [[nodiscard]] static Vocabulary registered();
};

/// One key of job files, for `--key=value` and the documentation.
struct JobKey {
  std::string_view name;   ///< "pin"; in switches and files alike, '-' may stand for '_'
  std::string_view value;  ///< how its value looks: "NAME,..."; "" for a key without value
  std::string_view help;   ///< one line
};

/// Every key, in the order of the documentation.
[[nodiscard]] const std::vector<JobKey>& job_keys();

/// A `--key=value` of the command line: it wins over every section.
using Override = std::pair<std::string, std::string>;

/// How long these jobs may take on each kernel: the longest `runtime`; 0 if none of them says one.
[[nodiscard]] Nanos runtime_of(std::span<const Job> jobs);

/// The reason to skip what was not begun within that time: "not begun within runtime=10m".
[[nodiscard]] std::string not_begun_reason(Nanos runtime);

/// Reads a job file. Every Error is one sentence that starts with file:line:column (or the
/// switch), says what is wrong, and names the nearest known word where there is one.
[[nodiscard]] Result<std::vector<Job>> load_jobs(const std::filesystem::path& file,
                                                 const std::vector<Override>& overrides,
                                                 const Vocabulary& vocabulary,
                                                 const IniSources& sources = IniSources::real());

/// The jobs of these names (fio's --section), in the file's order; all if `names` is empty.
[[nodiscard]] Result<std::vector<Job>> select_jobs(std::vector<Job> jobs,
                                                   const std::vector<std::string>& names);

}  // namespace daxbreak
