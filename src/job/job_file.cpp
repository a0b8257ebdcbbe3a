// SPDX-License-Identifier: GPL-2.0
#include "job/job_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/nearest.h"
#include "base/units.h"
#include "gate/gate.h"
#include "job/words.h"
#include "trial/cell.h"
#include "trial/layout.h"
#include "workloads/breaker/breaker.h"
#include "workloads/disturber/disturber.h"
#include "workloads/memory/memory.h"
#include "workloads/pin/pin.h"
#include "workloads/storm/storm.h"

namespace daxbreak {
namespace {

constexpr std::uint64_t mib = 1UL << 20;
/// A region's namespaces are counted in sections of 16 MiB (drivers/nvdimm, memory hotplug's
/// sub-section alignment): anything else is refused by `ndctl create-namespace`.
constexpr std::uint64_t nvdimm_step = 16 * mib;
constexpr std::uint64_t nvdimm_least = 64 * mib;
/// mkfs.xfs refuses less than 300 MB (xfsprogs 5.19 and later, mkfs/xfs_mkfs.c,
/// validate_supported()), and the namespace's own page array comes out of the size too.
constexpr std::uint64_t nvdimm_least_xfs = 320 * mib;
constexpr std::uint64_t nvdimm_page_1g = 1024 * mib;
constexpr std::uint64_t nvdimm_least_1g = 3 * nvdimm_page_1g;
constexpr std::uint64_t nvdimm_most = 64UL << 30;

/// '-' and '_' are the same in a key, as in fio's switches.
std::string normal(std::string_view key) {
  std::string text(key);
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

/// What a key's setter needs and says.
struct Setting {
  const IniEntry& entry;
  const Vocabulary& vocabulary;
  Job& job;

  [[nodiscard]] bool measures() const { return job.measures(); }

  [[nodiscard]] Error wrong(std::string_view sentence, std::size_t offset = 0) const {
    IniPlace at = entry.value_at;
    // Where a variable was replaced, offsets in the value are not columns of the line.
    if (at.line != 0 && offset != 0) at.column += offset;
    return error_at(at, sentence);
  }

  Result<void> choose(std::string_view what, const std::vector<std::string>& known,
                      std::vector<std::string>& into,
                      const std::vector<std::string>& unlisted = {}) const {
    ListError error;
    auto names = choose_words(entry.value, what, known, error, unlisted);
    if (names.empty()) return wrong(error.sentence, error.offset);
    into = std::move(names);
    return ok();
  }

  template <class Number>
  Result<void> count(Number least, Number most, Number& into) const {
    Number number = 0;
    const char* end = entry.value.data() + entry.value.size();
    const auto [rest, problem] = std::from_chars(entry.value.data(), end, number);
    if (problem != std::errc() || rest != end || number < least || number > most)
      return wrong(fmt::format("{}={} makes no sense; it is a whole number from {} to {}",
                               entry.key, entry.value, least, most));
    into = number;
    return ok();
  }
};

Result<void> set_kernels(const Setting& with) {
  std::vector<std::string> names;
  const auto& known = with.vocabulary.kernels;
  for (const ListWord& word : split_list(with.entry.value)) {
    const std::string name(word.text);
    if (name.empty()) return with.wrong("the list of kernels has an empty place", word.offset);
    const bool special = name == "default" || name == "all";
    const bool path = name.find('/') != std::string::npos;
    const std::string_view bare = std::string_view(name).substr(name.starts_with('!') ? 1 : 0);
    const bool found = std::find(known.begin(), known.end(), bare) != known.end();
    if (!known.empty() && !special && !path && !found)
      return with.wrong(unknown_word("kernel", bare, known), word.offset);
    names.push_back(name);
  }
  with.job.kernels = std::move(names);
  return ok();
}

Result<void> set_page_sizes(const Setting& with) {
  std::vector<std::uint64_t> sizes;
  const auto add = [&](std::uint64_t size) {
    if (std::find(sizes.begin(), sizes.end(), size) == sizes.end()) sizes.push_back(size);
  };
  for (const ListWord& word : split_list(with.entry.value)) {
    if (word.text == "all") {
      add(4096);
      add(2 * mib);
      continue;
    }
    auto size = parse_size(word.text);
    if (!size) return with.wrong(size.error().message(), word.offset);
    if (*size != 4096 && *size != 2 * mib && *size != 1024 * mib)
      return with.wrong(fmt::format("pagesize={} makes no sense; DAX maps files with pages of 4k "
                                    "or 2m, devices with 1g too",
                                    word.text),
                        word.offset);
    add(*size);
  }
  with.job.page_sizes = std::move(sizes);
  return ok();
}

Result<void> set_nvdimm_size(const Setting& with) {
  auto size = parse_size(with.entry.value);
  if (!size) return with.wrong(size.error().message());
  if (*size < nvdimm_least || *size > nvdimm_most || *size % nvdimm_step != 0)
    return with.wrong(fmt::format("{}={} makes no sense; an NVDIMM has {} to {}, in steps of {}",
                                  with.entry.key, with.entry.value, format_size(nvdimm_least),
                                  format_size(nvdimm_most), format_size(nvdimm_step)));
  with.job.nvdimm_size = *size;
  return ok();
}

Result<void> set_completion(const Setting& with) {
  auto time = parse_time(with.entry.value);
  if (!time) return with.wrong(time.error().message());
  using namespace std::chrono_literals;
  if (*time < 1ms || *time > 60s)
    return with.wrong(
        fmt::format("completion={} makes no sense; an I/O can be kept in flight for "
                    "1ms to 60s (a bare number is seconds)",
                    with.entry.value));
  with.job.completion = *time;
  return ok();
}

Result<void> set_runtime(const Setting& with) {
  auto time = parse_time(with.entry.value);
  if (!time) return with.wrong(time.error().message());
  using namespace std::chrono_literals;
  if (with.measures()) {
    if (*time < 100ms || *time > 1h)
      return with.wrong(
          fmt::format("runtime={} makes no sense; a repetition's clock can run for 100ms to 1h (a "
                      "bare number is seconds)",
                      with.entry.value));
    with.job.measure.scalars.runtime = *time;
    return ok();
  }
  if (*time < 1s || *time > 24h * 30)
    return with.wrong(
        fmt::format("runtime={} makes no sense; a kernel can be given 1s to 30d (a bare number is "
                    "seconds)",
                    with.entry.value));
  with.job.runtime = *time;
  return ok();
}

Result<void> set_cover(const Setting& with) {
  std::vector<std::string> chosen;
  if (auto done = with.choose("cover", {"product", "pairwise"}, chosen); !done) return done;
  if (chosen.size() != 1) return with.wrong("cover is product or pairwise, one of them");
  with.job.cover = chosen.front() == "pairwise" ? Cover::pairwise : Cover::product;
  return ok();
}

Result<void> set_patience(const Setting& with) {
  double factor = 0;
  const std::string& value = with.entry.value;
  const char* end = value.data() + value.size();
  const auto [rest, problem] = std::from_chars(value.data(), end, factor);
  if (problem != std::errc() || rest != end || !std::isfinite(factor) || factor < 0.1 ||
      factor > 1000)
    return with.wrong(
        fmt::format("patience={} makes no sense; it is a factor on every deadline, "
                    "from 0.1 to 1000",
                    value));
  with.job.patience = factor;
  return ok();
}

Result<void> set_ramp_time(const Setting& with) {
  auto time = parse_time(with.entry.value);
  if (!time) return with.wrong(time.error().message());
  using namespace std::chrono_literals;
  if (*time > 10min)
    return with.wrong(
        fmt::format("ramp_time={} makes no sense; a warm-up lasts 10m at most", with.entry.value));
  with.job.measure.scalars.ramp = *time;
  return ok();
}

Result<void> set_observe(const Setting& with) {
  std::vector<std::string> chosen;
  if (auto done = with.choose("observe", {"no", "yes", "both"}, chosen); !done) return done;
  if (chosen.size() != 1) return with.wrong("observe is no, yes or both, one of them");
  with.job.measure.scalars.observe = chosen.front() == "no"    ? Observe::no
                                     : chosen.front() == "yes" ? Observe::yes
                                                               : Observe::both;
  return ok();
}

Result<void> set_flag(const Setting& with, bool& into) {
  unsigned flag = 0;
  if (auto done = with.count(0U, 1U, flag); !done) return done;
  into = flag == 1;
  return ok();
}

/// A key whose every value is a point of its own.
Result<void> set_sweep(const Setting& with) {
  const SweepKey& key = *find_sweep_key(normal(with.entry.key));
  auto values = sweep_values(key, with.entry.value);
  if (!values)
    return with.wrong(values.error().doing, static_cast<std::size_t>(values.error().number));
  with.job.measure.swept[std::string(key.name)] = std::move(*values);
  return ok();
}

/// In which sections a key has a meaning.
enum class Use { both, cells, measures };

/// A key's documentation and what it does.
struct Key {
  JobKey about;
  Result<void> (*set)(const Setting&);
  Use use = Use::both;
};

const std::vector<Key>& keys() {
  static const std::vector<Key> table{
      {{"kernel", "NAME,...",
        "kernels of the catalogue, \"default\", \"all\", or a bzImage's path"},
       set_kernels},
      {{"filesystem", "ext4,xfs",
        "filesystems to test on, or devdax, device-private, device-coherent"},
       [](const Setting& with) {
         return with.choose("filesystem", with.vocabulary.filesystems, with.job.filesystems,
                            with.vocabulary.devices);
       }},
      {{"pagesize", "4k,2m", "pages that map the file (device-dax: 1g too)"}, set_page_sizes},
      {{"pin", "NAME,...", "ways to hold a page (daxbreak list pins)"},
       [](const Setting& with) {
         if (with.measures())
           return with.choose("pin of storms", with.vocabulary.storm_pins, with.job.measure.pins);
         return with.choose("pin", with.vocabulary.pins, with.job.pins, with.vocabulary.self_tests);
       }},
      {{"breaker", "NAME,...", "operations that must break the layout (daxbreak list breakers)"},
       [](const Setting& with) {
         if (with.measures())
           return with.choose("breaker of storms", with.vocabulary.storm_breakers,
                              with.job.measure.breakers);
         return with.choose("breaker", with.vocabulary.breakers, with.job.breakers,
                            with.vocabulary.device_breakers);
       }},
      {{"disturber", "NAME,...", "what else happens meanwhile (daxbreak list disturbers)"},
       [](const Setting& with) {
         return with.choose("disturber", with.vocabulary.disturbers, with.job.disturbers,
                            with.vocabulary.memory_disturbers);
       },
       Use::cells},
      {{"gate", "NAME,...", "what keeps a pin's I/O in flight (daxbreak list gates)"},
       [](const Setting& with) {
         return with.choose("gate", with.vocabulary.gates, with.job.gates);
       },
       Use::cells},
      {{"memory", "NAME,...", "kinds of pinned memory (daxbreak list memory)"},
       [](const Setting& with) {
         return with.choose("kind of memory", with.vocabulary.memories, with.job.memories);
       },
       Use::cells},
      {{"range", "NAME,...", "where the broken range lies (daxbreak list ranges)"},
       [](const Setting& with) {
         return with.choose("range", with.vocabulary.ranges, with.job.ranges);
       },
       Use::cells},
      {{"repeat", "N", "run every cell N times, or measure every point N times"},
       [](const Setting& with) {
         if (with.measures())
           return with.count(std::uint64_t{1}, std::uint64_t{1000},
                             with.job.measure.scalars.repetitions);
         return with.count(1U, 100000U, with.job.repeat);
       }},
      {{"cover", "product|pairwise",
        "run every combination, or so many that every pair of values occurs"},
       set_cover,
       Use::cells},
      {{"seed", "N", "another choice of cover=pairwise, or of places in a file"},
       [](const Setting& with) {
         auto& seed = with.measures() ? with.job.measure.scalars.seed : with.job.seed;
         return with.count(std::uint64_t{0}, std::uint64_t{1} << 32U, seed);
       }},
      {{"weight", "N", "1 to 1000: cells of heavier sections run first"},
       [](const Setting& with) { return with.count(1U, 1000U, with.job.weight); }},
      {{"runtime", "TIME",
        "what is not begun by then is skipped, on each kernel; with load: of each repetition"},
       set_runtime},
      {{"patience", "FACTOR", "multiply every deadline"}, set_patience},
      {{"completion", "TIME", "gates with a timer: how long an I/O stays in flight"},
       set_completion,
       Use::cells},
      {{"nvdimm_size", "SIZE", "lab: bytes of each emulated NVDIMM"}, set_nvdimm_size},
      {{"size", "SIZE", "the same as nvdimm_size; with load: bytes of each file, a list is swept"},
       [](const Setting& with) {
         return with.measures() ? set_sweep(with) : set_nvdimm_size(with);
       }},
      {{"nvdimms", "N", "lab: number of emulated NVDIMMs, one for each filesystem"},
       [](const Setting& with) { return with.count(1U, 8U, with.job.nvdimm_count); }},
      {{"directory", "DIR", "run on this machine, in this directory of a DAX mount"},
       [](const Setting& with) {
         with.job.directory = with.entry.value;
         return ok();
       }},
      {{"description", "TEXT", "what the job is for"},
       [](const Setting& with) {
         with.job.description = with.entry.value;
         return ok();
       }},
      {{"stonewall", "", "accepted as in fio; cells never overlap anyway"},
       [](const Setting& with) {
         with.job.stonewall = true;
         return ok();
       }},
      {{"load", "NAME,...",
        "measure instead of running cells: storm, or a plain load (daxbreak list loads)"},
       [](const Setting& with) {
         return with.choose("load", with.vocabulary.loads, with.job.measure.loads);
       }},
      {{"ramp_time", "TIME", "warm-up of each repetition, not measured"},
       set_ramp_time,
       Use::measures},
      {{"loops", "N", "end a repetition after N operations of each thread, or at runtime"},
       [](const Setting& with) {
         return with.count(std::uint64_t{0}, std::uint64_t{1} << 40U,
                           with.job.measure.scalars.loops);
       },
       Use::measures},
      {{"time_based", "", "accepted as in fio: runtime ends a repetition anyway"},
       [](const Setting& /*with*/) { return ok(); },
       Use::measures},
      {{"random", "0|1", "plain loads: offsets are random"},
       [](const Setting& with) {
         return with.count(std::uint64_t{0}, std::uint64_t{1}, with.job.measure.scalars.random);
       },
       Use::measures},
      {{"mix", "0|1",
        "storm: its threads share all pins and breakers out, instead of one point each"},
       [](const Setting& with) { return set_flag(with, with.job.measure.mixed); },
       Use::measures},
      {{"observe", "no|yes|both",
        "watch storms from inside the kernel; both: each repetition with and without"},
       set_observe,
       Use::measures},
  };
  static const std::vector<Key> all = [] {
    std::vector<Key> both = table;
    for (const SweepKey& key : sweep_keys())
      both.push_back({{key.name, key.value, key.help}, set_sweep, Use::measures});
    return both;
  }();
  return all;
}

const Key* find_key(std::string_view name) {
  const std::string wanted = normal(name);
  for (const Key& key : keys())
    if (key.about.name == wanted) return &key;
  return nullptr;
}

/// `own`: it stands in the section itself. What is inherited and has no meaning for the section is
/// passed over.
Result<void> apply(const IniEntry& entry, const Vocabulary& vocabulary, Job& job, bool own) {
  const Key* key = find_key(entry.key);
  if (key == nullptr) {
    std::vector<std::string> names;
    for (const Key& one : keys())
      names.emplace_back(one.about.name);
    const std::string near = nearest_word(entry.key, names);
    if (near.empty())
      return error_at(entry.key_at, fmt::format("unknown key \"{}\"; the keys are {}", entry.key,
                                                fmt::join(names, ", ")));
    return error_at(entry.key_at,
                    fmt::format("unknown key \"{}\"; did you mean \"{}\"?", entry.key, near));
  }
  if (key->use == (job.measures() ? Use::cells : Use::measures)) {
    if (!own) return ok();
    return error_at(entry.key_at,
                    job.measures()
                        ? fmt::format("{} is about cells, and a section with load= has none; "
                                      "remove it",
                                      entry.key)
                        : fmt::format("{} is about measurements; write load=storm too, or another "
                                      "load",
                                      entry.key));
  }
  const bool wants_value = !key->about.value.empty();
  if (wants_value && entry.value.empty()) {
    std::string why;
    if (!entry.unset.empty()) why = fmt::format(", because ${{{}}} is not set", entry.unset);
    return error_at(entry.key_at, fmt::format("{} has no value{}; write {}={}", entry.key, why,
                                              entry.key, key->about.value));
  }
  return key->set({.entry = entry, .vocabulary = vocabulary, .job = job});
}

/// What only the whole section can tell.
Result<void> check(const Job& job, const IniPlace& at) {
  if (job.measures()) {
    const auto points = measure_points(job.measure, job.name, "", job.filesystems, job.page_sizes);
    for (const MeasurePoint& point : points)
      if (const std::string why = objection_to(point); !why.empty())
        return error_at(at, fmt::format("the job [{}], {}: {}", job.name, point.id(), why));
  }
  if (job.pins.empty() && !job.measures())
    return error_at(
        at, fmt::format("the job [{}] names no pin; write pin=all or some of them", job.name));
  if (job.breakers.empty() && !job.measures())
    return error_at(at, fmt::format("the job [{}] names no breaker; write breaker=all or some of "
                                    "them",
                                    job.name));
  const auto& systems = job.filesystems;
  if (std::find(systems.begin(), systems.end(), "xfs") != systems.end() &&
      job.nvdimm_size < nvdimm_least_xfs)
    return error_at(
        at, fmt::format("the job [{}] wants xfs on an NVDIMM of {}, but mkfs.xfs needs "
                        "{}",
                        job.name, format_size(job.nvdimm_size), format_size(nvdimm_least_xfs)));
  // A page of 1 GiB is aligned, and the device's first bytes are its page map.
  const auto& sizes = job.page_sizes;
  if (std::find(sizes.begin(), sizes.end(), nvdimm_page_1g) != sizes.end() &&
      job.nvdimm_size < nvdimm_least_1g)
    return error_at(
        at, fmt::format("the job [{}] wants pages of 1g on an NVDIMM of {}, but that takes {}; "
                        "write nvdimm_size={}",
                        job.name, format_size(job.nvdimm_size), format_size(nvdimm_least_1g),
                        format_size(nvdimm_least_1g)));
  return ok();
}

}  // namespace

Vocabulary Vocabulary::registered() {
  Vocabulary words;
  words.devices.emplace_back(device_dax_name);
  words.devices.emplace_back(device_private_name);
  words.devices.emplace_back(device_coherent_name);
  for (const PinKind& kind : PinRegistry::all())
    (kind.lab_only || kind.device_memory ? words.self_tests : words.pins).emplace_back(kind.name);
  for (const BreakerKind& kind : BreakerRegistry::all())
    (kind.device_dax || kind.device_memory != DeviceMemory::none ? words.device_breakers
                                                                 : words.breakers)
        .emplace_back(kind.name);
  for (const DisturberKind& kind : DisturberRegistry::all())
    (kind.device_memory ? words.memory_disturbers : words.disturbers).emplace_back(kind.name);
  for (const GateKind& kind : GateRegistry::all())
    words.gates.emplace_back(kind.name);
  for (const MemoryKind& kind : MemoryRegistry::all())
    words.memories.emplace_back(kind.name);
  for (const RangeKind& kind : range_kinds())
    words.ranges.emplace_back(kind.name);
  words.loads.emplace_back(storm_name);
  for (const LoadKind& kind : LoadRegistry::all())
    words.loads.emplace_back(kind.name);
  for (const StormPinKind& kind : StormPinRegistry::all())
    words.storm_pins.emplace_back(kind.name);
  for (const StormBreakKind& kind : StormBreakRegistry::all())
    words.storm_breakers.emplace_back(kind.name);
  return words;
}

Nanos runtime_of(std::span<const Job> jobs) {
  Nanos longest{};
  for (const Job& job : jobs)
    longest = std::max(longest, job.runtime);
  return longest;
}

std::string not_begun_reason(Nanos runtime) {
  using namespace std::chrono;
  const auto whole = duration_cast<seconds>(runtime);
  if (whole != runtime)
    return fmt::format("not begun within runtime={}ms",
                       duration_cast<milliseconds>(runtime).count());
  if (whole.count() % 60 != 0) return fmt::format("not begun within runtime={}s", whole.count());
  if (whole.count() % 3600 != 0)
    return fmt::format("not begun within runtime={}m", whole.count() / 60);
  return fmt::format("not begun within runtime={}h", whole.count() / 3600);
}

const std::vector<JobKey>& job_keys() {
  static const std::vector<JobKey> table = [] {
    std::vector<JobKey> all;
    for (const Key& key : keys())
      all.push_back(key.about);
    return all;
  }();
  return table;
}

namespace {

/// Where a section's entries come from, in the order in which they win.
struct Entries {
  const std::vector<IniEntry>& inherited;
  const std::vector<IniEntry>& own;
  const std::vector<IniEntry>& switches;
};

/// Applies all entries: `load` before the others, whose meaning depends on it.
Result<void> fill(Job& job, const Entries& entries, const Vocabulary& vocabulary) {
  for (const bool loads : {true, false})
    for (const auto* list : {&entries.inherited, &entries.own, &entries.switches})
      for (const IniEntry& entry : *list)
        if ((entry.key == "load") == loads)
          if (auto done = apply(entry, vocabulary, job, list == &entries.own); !done) return done;
  return ok();
}

}  // namespace

Result<std::vector<Job>> load_jobs(const std::filesystem::path& file,
                                   const std::vector<Override>& overrides,
                                   const Vocabulary& vocabulary, const IniSources& sources) {
  auto sections = read_ini(file, sources);
  if (!sections) return sections.error();
  std::vector<IniEntry> switches;
  for (const auto& [key, value] : overrides) {
    IniEntry entry{.key = key, .has_value = true};
    entry.value = replace_variables(value, sources, entry.unset);
    entry.key_at.file = entry.value_at.file = "--" + key;
    switches.push_back(std::move(entry));
  }

  // Every [global] adds to the defaults of the sections below it (fio 3.33, init.c). What a key
  // means depends on whether the section measures, so the defaults are kept as written.
  std::vector<IniEntry> defaults;
  std::vector<Job> jobs;
  for (const IniSection& section : *sections) {
    if (section.name == "global") {
      defaults.insert(defaults.end(), section.entries.begin(), section.entries.end());
      continue;
    }
    Job job;
    job.name = section.name;
    if (auto done = fill(job, {defaults, section.entries, switches}, vocabulary); !done)
      return done.error();
    if (auto good = check(job, section.at); !good) return good.error();
    const auto same = [&](const Job& other) { return other.name == job.name; };
    if (std::any_of(jobs.begin(), jobs.end(), same))
      return error_at(section.at, fmt::format("there are two jobs called [{}]", job.name));
    jobs.push_back(std::move(job));
  }
  if (jobs.empty())
    return Error{fmt::format("{}: there is no job in this file, that is no [section] but [global]",
                             file.string())};
  return jobs;
}

Result<std::vector<Job>> select_jobs(std::vector<Job> jobs, const std::vector<std::string>& names) {
  if (names.empty()) return jobs;
  std::vector<std::string> known;
  for (const Job& job : jobs)
    known.push_back(job.name);
  for (const std::string& name : names)
    if (std::find(known.begin(), known.end(), name) == known.end())
      return Error{"--section: " + unknown_word("section", name, known)};
  std::erase_if(jobs, [&](const Job& job) {
    return std::find(names.begin(), names.end(), job.name) == names.end();
  });
  return jobs;
}

}  // namespace daxbreak
