// SPDX-License-Identifier: GPL-2.0
#include "run/versus.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/file.h"
#include "base/units.h"
#include "pmem/namespaces.h"
#include "run/fio_peer.h"
#include "run/load_clock.h"

namespace daxbreak {
namespace {

namespace fs = std::filesystem;

/// A file with all its blocks written, removed when this goes away.
class DataFile {
 public:
  static Result<DataFile> make(fs::path path, std::uint64_t size) {
    auto file = open_file(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (!file) return file.error();
    DataFile made(std::move(path));
    // Allocated at once, so that there are extents for huge pages where the filesystem can;
    // written, so that no operation finds an unwritten block.
    if (::posix_fallocate(file->get(), 0, static_cast<off_t>(size)) != 0)
      return Error{fmt::format("no room for {} in {}", format_size(size),
                               made.path_.parent_path().string())};
    const std::string chunk(1U << 20U, 'd');
    for (std::uint64_t at = 0; at < size; at += chunk.size())
      if (auto put = write_all(
              file->get(),
              std::string_view(chunk).substr(0, std::min<std::uint64_t>(chunk.size(), size - at)));
          !put)
        return Error{"write " + made.path_.string(), put.error().number};
    if (::fsync(file->get()) != 0) return errno_error("fsync " + made.path_.string());
    return made;
  }
  DataFile(DataFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  DataFile& operator=(DataFile&&) = delete;
  ~DataFile() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove(path_, ignored);
  }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  explicit DataFile(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

/// (An ordinary file will do, for trying things out.)
Result<std::uint64_t> size_of_block(const std::string& path) {
  auto file = open_file(path, O_RDONLY);
  if (!file) return file.error();
  struct stat info {};
  if (::fstat(file->get(), &info) != 0) return errno_error("look at " + path);
  if (S_ISREG(info.st_mode)) return static_cast<std::uint64_t>(info.st_size);
  std::uint64_t bytes = 0;
  if (::ioctl(file->get(), BLKGETSIZE64, &bytes) != 0)
    return errno_error("ask for the size of " + path);
  return bytes;
}

/// The page size of a device-dax node.
Result<std::uint64_t> pages_of_node(const std::string& node) {
  auto spaces = list_namespaces();
  if (!spaces) return spaces.error();
  for (const Namespace& space : *spaces)
    if (space.character == node) return space.alignment;
  return Error{node + " is no device-dax node of a namespace here (see `daxbreak provision list`)"};
}

class Versus {
 public:
  Versus(const VersusPlan& plan, const VersusSink& sink, const std::stop_token& stop)
      : plan_(plan), sink_(sink), stop_(stop) {}

  Result<void> run() {
    if (auto good = check_settings(plan_.settings); !good) return good;
    auto engines = fio_engines();
    if (!engines) return engines.error();
    engines_ = std::move(*engines);
    if (auto ready = prepare(); !ready) return ready;
    for (const VersusPair& pair : versus_pairs())
      if (plan_.pairs.empty() ||
          std::find(plan_.pairs.begin(), plan_.pairs.end(), pair.name) != plan_.pairs.end())
        compare(pair);
    return ok();
  }

 private:
  Result<void> prepare() {
    const fs::path folder = plan_.directory.path;
    place_.folder = folder.string();
    auto data = DataFile::make(folder / "versus-data", plan_.settings.size);
    if (!data) return data.error();
    data_.emplace(std::move(*data));
    place_.data = data_->path();
    place_.buffers_size = buffers_needed(plan_.settings);
    auto buffers = DataFile::make(folder / "versus-buffers", place_.buffers_size);
    if (!buffers) return buffers.error();
    buffers_.emplace(std::move(*buffers));
    place_.buffers = buffers_->path();
    if (!plan_.block.empty()) {
      auto size = size_of_block(plan_.block);
      if (!size) return size.error();
      place_.block = plan_.block;
      place_.block_size = *size;
    }
    if (!plan_.node.empty()) {
      auto pages = pages_of_node(plan_.node);
      if (pages) {
        place_.node = plan_.node;
        place_.node_pages = *pages;
      } else {
        no_node_ = pages.error().message();
      }
    }
    return ok();
  }

  /// Why the pair cannot be run here; "" if it can.
  [[nodiscard]] std::string obstacle(const VersusPair& pair) const {
    if (std::find(engines_.begin(), engines_.end(), pair.engine) == engines_.end())
      return fmt::format("this fio has no ioengine {}", pair.engine);
    if (pair.target == VersusTarget::block && place_.block.empty())
      return plan_.no_block.empty() ? "no block device" : plan_.no_block;
    if (pair.target == VersusTarget::device && place_.node.empty())
      return no_node_.empty() ? "no device-dax node was given" : no_node_;
    if (pair.target == VersusTarget::device && plan_.settings.size % place_.node_pages != 0)
      return fmt::format("--size={} is no multiple of the node's pages of {}",
                         format_size(plan_.settings.size), format_size(place_.node_pages));
    return {};
  }

  [[nodiscard]] MeasureRecord record_of(const VersusPair& pair, const LoadPlace& ours,
                                        unsigned repetition) const {
    MeasureRecord record;
    record.kernel = plan_.kernel;
    record.job = pair.name;
    record.load = pair.load;
    record.filesystem = pair.target == VersusTarget::device ? "devdax" : plan_.directory.filesystem;
    record.page_size = ours.page_size;
    record.point = {{"bs", format_size(ours.block_size)},
                    {"iodepth", std::to_string(ours.depth)},
                    {"ioengine", std::string(pair.engine)},
                    {"rw", (ours.random ? "rand" : "") + std::string(pair.rw)}};
    record.settings = own_settings(ours, plan_.settings);
    record.repetition = repetition;
    record.verdict.outcome = Outcome::pass;
    return record;
  }

  void skip(MeasureRecord record, std::string why) const {
    record.engine = own_engine;
    record.verdict = {.outcome = Outcome::skip, .reason = std::move(why)};
    sink_.measure(record);
  }

  void compare(const VersusPair& pair) const {
    const LoadPlace ours = our_place(pair, plan_.settings, place_);
    const std::string output = (fs::path(place_.folder) / "versus-fio.json").string();
    const auto words = fio_command(pair, plan_.settings, place_, output);
    if (const std::string why = obstacle(pair); !why.empty())
      return skip(record_of(pair, ours, 1), why);
    if (auto same = check_same_work(pair, plan_.settings, ours, words); !same)
      return skip(record_of(pair, ours, 1), "not the same work: " + same.error().message());
    for (unsigned repetition = 1; repetition <= plan_.settings.repetitions; ++repetition) {
      if (stop_.stop_requested()) return;
      if (sink_.stage)
        sink_.stage(fmt::format("{} {}/{}", pair.name, repetition, plan_.settings.repetitions));
      if (auto why = both(pair, ours, words, output, repetition); !why)
        return skip(record_of(pair, ours, repetition), why.error().message());
    }
  }

  Result<void> both(const VersusPair& pair, const LoadPlace& ours,
                    const std::vector<std::string>& words, const std::string& output,
                    unsigned repetition) const {
    const VersusSettings& settings = plan_.settings;
    const LoadKind& kind = *LoadRegistry::find(pair.load);  // check_same_work() has found it
    const auto names = kind.make();
    constexpr auto patience = std::chrono::seconds(180);  // fio loads a hundred libraries
    auto theirs = run_fio(words, output, pair, names->series(),
                          settings.warmup + settings.runtime + patience, stop_);
    std::error_code ignored;
    fs::remove(output, ignored);
    if (!theirs) return theirs.error();
    auto own = run_load(kind, ours, settings.warmup, settings.runtime, stop_);
    if (!own) return own.error();

    MeasureRecord fio = record_of(pair, ours, repetition);
    fio.engine = theirs->version;
    fio.settings = fio_settings(words, place_);
    fio.seconds = theirs->seconds;
    fio.numbers["iops"] = theirs->iops;
    fio.series = std::move(theirs->series);
    MeasureRecord we = record_of(pair, ours, repetition);
    we.engine = own_engine;
    we.seconds = own->seconds;
    we.series = std::move(own->series);
    const auto operations = static_cast<double>(we.series[pair.series].latency.count());
    we.numbers["iops"] = operations / we.seconds;
    std::swap(we.series[0], we.series[pair.series]);  // the compared one first, as in fio's
    if (operations == 0)
      return Error{
          fmt::format("{} ended no operation within {}", pair.load, format_time(settings.runtime))};
    sink_.measure(fio);
    sink_.measure(we);
    return ok();
  }

  const VersusPlan& plan_;
  const VersusSink& sink_;
  std::stop_token stop_;
  std::vector<std::string> engines_;
  VersusPlace place_;
  std::string no_node_;
  std::optional<DataFile> data_;
  std::optional<DataFile> buffers_;
};

}  // namespace

Result<void> run_versus(const VersusPlan& plan, const VersusSink& sink,
                        const std::stop_token& stop) {
  return Versus(plan, sink, stop).run();
}

}  // namespace daxbreak
