// SPDX-License-Identifier: GPL-2.0
#include "run/versus_pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/units.h"

namespace daxbreak {
namespace {

constexpr std::uint64_t page = 4096;

/// Bytes of one time: fio takes microseconds.
std::string fio_time(Nanos span) {
  return fmt::format("{}us", std::chrono::duration_cast<std::chrono::microseconds>(span).count());
}

/// Our mapping's pages. A file's are as huge as libpmem and the kernel can make them, which is what
/// fio gets; small where only a few pages are mapped.
std::uint64_t page_size_for(const VersusPair& pair, const VersusPlace& place) {
  constexpr std::uint64_t huge = 2UL << 20;
  if (pair.target == VersusTarget::device) return place.node_pages;
  return pair.target == VersusTarget::file ? huge : page;
}

std::string rw_of(const VersusPair& pair, bool random) {
  return (random ? "rand" : "") + std::string(pair.rw);
}

/// "--name=value" words by name; a word without a value has "1".
std::map<std::string, std::string> options_of(const std::vector<std::string>& words) {
  std::map<std::string, std::string> options;
  for (const std::string& word : words) {
    if (!word.starts_with("--")) continue;
    const auto equals = word.find('=');
    options[word.substr(2, equals == std::string::npos ? equals : equals - 2)] =
        equals == std::string::npos ? "1" : word.substr(equals + 1);
  }
  return options;
}

}  // namespace

// fio's engine libpmem persists what it writes with sync=1 and stores past the caches with direct=1
// (engines/libpmem.c, fio_libpmem_queue()); dev-dax always persists (engines/dev-dax.c,
// fio_devdax_queue()). libpmem2 stores past the caches from 256 bytes on by itself. A trim of
// falloc punches a hole, a write allocates (engines/falloc.c, fio_fallocate_queue()); trimwrite
// does one after the other to each block. No engine copies to persistent memory without flushing
// it, so pmem-store-noflush has no peer; neither have fault, pin and mmap-churn.
const std::vector<VersusPair>& versus_pairs() {
  static const std::vector<VersusPair> pairs = {
      {.name = "odirect-read",
       .target = VersusTarget::block,
       .load = "odirect-read",
       .engine = "psync",
       .rw = "read",
       .direction = Direction::read,
       .more = {"--direct=1"}},
      {.name = "odirect-write",
       .target = VersusTarget::block,
       .load = "odirect-write",
       .engine = "psync",
       .rw = "write",
       .direction = Direction::write,
       .more = {"--direct=1"}},
      {.name = "io-uring-read-1",
       .target = VersusTarget::block,
       .load = "io-uring-read",
       .engine = "io_uring",
       .rw = "read",
       .direction = Direction::read,
       .latency = FioLatency::lat,
       .more = {"--direct=1"}},
      {.name = "io-uring-write-1",
       .target = VersusTarget::block,
       .load = "io-uring-write",
       .engine = "io_uring",
       .rw = "write",
       .direction = Direction::write,
       .latency = FioLatency::lat,
       .more = {"--direct=1"}},
      {.name = "io-uring-read-16",
       .target = VersusTarget::block,
       .load = "io-uring-read",
       .engine = "io_uring",
       .rw = "read",
       .direction = Direction::read,
       .depth = 16,
       .latency = FioLatency::lat,
       .more = {"--direct=1"}},
      {.name = "io-uring-write-16",
       .target = VersusTarget::block,
       .load = "io-uring-write",
       .engine = "io_uring",
       .rw = "write",
       .direction = Direction::write,
       .depth = 16,
       .latency = FioLatency::lat,
       .more = {"--direct=1"}},
      {.name = "pmem-store",
       .load = "pmem-store",
       .engine = "libpmem",
       .rw = "write",
       .direction = Direction::write,
       .more = {"--direct=1", "--sync=1"}},
      {.name = "pmem-load",
       .load = "pmem-load",
       .engine = "libpmem",
       .rw = "read",
       .direction = Direction::read,
       .more = {"--direct=1"}},
      {.name = "devdax-store",
       .target = VersusTarget::device,
       .load = "pmem-store",
       .engine = "dev-dax",
       .rw = "write",
       .direction = Direction::write},
      {.name = "devdax-load",
       .target = VersusTarget::device,
       .load = "pmem-load",
       .engine = "dev-dax",
       .rw = "read",
       .direction = Direction::read},
      {.name = "falloc-punch",
       .load = "falloc-punch",
       .engine = "falloc",
       .rw = "trimwrite",
       .direction = Direction::trim},
  };
  return pairs;
}

LoadPlace our_place(const VersusPair& pair, const VersusSettings& settings,
                    const VersusPlace& place) {
  LoadPlace ours;
  ours.folder = place.folder;
  ours.size = settings.size;
  ours.page_size = page_size_for(pair, place);
  ours.block_size = settings.block_size;
  ours.depth = pair.depth;
  ours.seed = settings.seed;
  ours.random = settings.random;
  switch (pair.target) {
    case VersusTarget::file:
      ours.path = place.data;
      break;
    case VersusTarget::device:
      ours.path = place.node;
      break;
    case VersusTarget::block:
      ours.path = place.buffers;
      ours.size = settings.block_size * pair.depth;  // fio has one buffer for each unit of depth
      ours.device = place.block;
      break;
  }
  return ours;
}

std::vector<std::string> fio_command(const VersusPair& pair, const VersusSettings& settings,
                                     const VersusPlace& place, const std::string& output) {
  std::vector<std::string> words{
      "fio", fmt::format("--name={}", pair.name), "--output=" + output, "--output-format=json+",
      "--eta=never", fmt::format("--ioengine={}", pair.engine),
      "--rw=" + rw_of(pair, settings.random), fmt::format("--bs={}", settings.block_size),
      fmt::format("--iodepth={}", pair.depth), "--numjobs=1", "--thread=1", "--time_based=1",
      "--runtime=" + fio_time(settings.runtime), "--ramp_time=" + fio_time(settings.warmup),
      fmt::format("--randseed={}", settings.seed),
      // Without what fio does besides the work: it is to be as fast as
      // it can be.
      "--norandommap=1", "--scramble_buffers=0", "--invalidate=0", "--disable_bw_measurement=1",
      "--allow_file_create=0", "--fallocate=none"};
  if (pair.latency == FioLatency::clat)
    words.insert(words.end(), {"--disable_lat=1", "--disable_slat=1"});
  else
    words.insert(words.end(), {"--lat_percentiles=1", "--clat_percentiles=0", "--disable_slat=1"});
  switch (pair.target) {
    case VersusTarget::file:
      words.insert(words.end(),
                   {"--filename=" + place.data, fmt::format("--size={}", settings.size)});
      break;
    case VersusTarget::device:
      words.insert(words.end(),
                   {"--filename=" + place.node, fmt::format("--size={}", settings.size)});
      break;
    case VersusTarget::block: {
      const std::uint64_t half = place.block_size / 2 / settings.block_size * settings.block_size;
      words.insert(words.end(),
                   {"--filename=" + place.block,
                    fmt::format("--offset={}", pair.direction == Direction::write ? half : 0),
                    fmt::format("--size={}", half), "--mem=mmapshared:" + place.buffers});
      break;
    }
  }
  words.insert(words.end(), pair.more.begin(), pair.more.end());
  return words;
}

Result<void> check_same_work(const VersusPair& pair, const VersusSettings& settings,
                             const LoadPlace& ours, const std::vector<std::string>& fio) {
  const auto options = options_of(fio);
  const auto value = [&](const char* name) {
    const auto at = options.find(name);
    return at == options.end() ? std::string() : at->second;
  };
  std::vector<std::pair<const char*, std::string>> wanted{
      {"bs", std::to_string(ours.block_size)},
      {"iodepth", std::to_string(ours.depth)},
      {"numjobs", std::to_string(ours.threads)},
      {"runtime", fio_time(settings.runtime)},
      {"ramp_time", fio_time(settings.warmup)},
      {"time_based", "1"},
      {"scramble_buffers", "0"},
  };
  if (pair.target == VersusTarget::block) {
    wanted.emplace_back("filename", ours.device);
    wanted.emplace_back("mem", "mmapshared:" + ours.path);
    wanted.emplace_back("direct", "1");
    if (ours.size != ours.block_size * ours.depth)
      return Error{fmt::format("{}: fio has {} buffers, we have {}", pair.name, ours.depth,
                               ours.size / ours.block_size)};
  } else {
    wanted.emplace_back("filename", ours.path);
    wanted.emplace_back("size", std::to_string(ours.size));
  }
  for (const auto& [name, expected] : wanted)
    if (value(name) != expected)
      return Error{fmt::format("{}: fio's {} is \"{}\", ours is \"{}\"", pair.name, name,
                               value(name), expected)};
  const LoadKind* const kind = LoadRegistry::find(pair.load);
  if (kind == nullptr) return Error{fmt::format("{}: no load is called {}", pair.name, pair.load)};
  const auto load = kind->make();
  if (pair.series >= load->series().size() ||
      load->series()[pair.series].direction != pair.direction)
    return Error{fmt::format("{}: our direction is not fio's", pair.name)};
  const std::string rw = value("rw");
  if (rw.starts_with("rand") != ours.random)
    return Error{fmt::format("{}: fio's rw is \"{}\", and our offsets are {}", pair.name, rw,
                             ours.random ? "at random" : "ascending")};
  const char* const word = pair.direction == Direction::read    ? "read"
                           : pair.direction == Direction::write ? "write"
                                                                : "trimwrite";
  if (!rw.ends_with(word) ||
      (rw.find("trim") != std::string::npos) != (pair.direction == Direction::trim))
    return Error{fmt::format("{}: fio's rw is \"{}\", our direction is {}", pair.name, rw, word)};
  return ok();
}

std::map<std::string, std::string> own_settings(const LoadPlace& ours,
                                                const VersusSettings& settings) {
  return {{"bs", std::to_string(ours.block_size)},
          {"iodepth", std::to_string(ours.depth)},
          {"numjobs", std::to_string(ours.threads)},
          // With a block device the file holds buffers; what is read and written is the device.
          {ours.device.empty() ? "size" : "buffers", std::to_string(ours.size)},
          {"seed", std::to_string(ours.seed)},
          {"runtime", std::to_string(settings.runtime.count())},
          {"ramp_time", std::to_string(settings.warmup.count())}};
}

std::map<std::string, std::string> fio_settings(const std::vector<std::string>& fio,
                                                const VersusPlace& place) {
  const std::string folder = place.folder + "/";
  std::map<std::string, std::string> settings;
  for (const auto& [name, value] : options_of(fio)) {
    std::string& text = settings["--" + name] = value;
    if (const auto at = text.find(folder); at != std::string::npos) text.erase(at, folder.size());
  }
  return settings;
}

std::uint64_t buffers_needed(const VersusSettings& settings) {
  unsigned deepest = 1;
  for (const VersusPair& pair : versus_pairs())
    if (pair.target == VersusTarget::block) deepest = std::max(deepest, pair.depth);
  const std::uint64_t bytes = settings.block_size * deepest + page;  // memory.c, allocate_io_mem()
  return (bytes + page - 1) / page * page;
}

Result<void> check_settings(const VersusSettings& settings) {
  constexpr std::uint64_t huge = 2UL << 20;
  // Below 512 bytes there is no O_DIRECT, and libpmem2 would not store past the caches.
  if (settings.block_size < 512 || settings.block_size % 512 != 0)
    return Error{fmt::format("--bs={}: a multiple of 512 bytes is needed for O_DIRECT",
                             format_size(settings.block_size))};
  if (settings.size < settings.block_size || settings.size % huge != 0 ||
      settings.size % settings.block_size != 0)
    return Error{fmt::format("--size={}: a multiple of 2m and of --bs={} is needed",
                             format_size(settings.size), format_size(settings.block_size))};
  if (settings.runtime < std::chrono::milliseconds(100))
    return Error{"--runtime: at least 100ms, or fio counts too little"};
  if (settings.repetitions == 0) return Error{"--repeat: at least 1"};
  return ok();
}

}  // namespace daxbreak
