// SPDX-License-Identifier: GPL-2.0
#include "lab/kernel_supply.h"

#include <fmt/format.h>

#include <cerrno>
#include <sstream>

#include "base/command.h"
#include "base/file.h"
#include "base/path.h"
#include "lab/kernel_fetch.h"

namespace daxbreak {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr Nanos day = 24h;
/// The file whose presence says that a cached kernel is complete.
constexpr const char* card_name = "kernel";
/// What the card of a kernel without modules says of them.
constexpr const char* no_modules = "none";

/// Beside the versions: why the cached one may not be the newest, and when there was no doubt.
constexpr const char* note_name = ".note";
constexpr const char* asked_name = ".asked";
/// What apt takes for one suite: the list compressed, the list as it unpacks it, its index.
constexpr std::uint64_t list_bytes = std::uint64_t{150} * 1000 * 1000;
/// An archive that could not be reached is not asked by every run: each would wait for it.
constexpr Nanos retry_after = 10min;

std::string megabytes(std::uint64_t bytes) {
  return fmt::format("{} MB", bytes / 1000 / 1000);
}

Result<void> write_card(const fs::path& folder, const KernelImage& image) {
  return write_file(
      folder / card_name,
      fmt::format("release={}\nversion={}\norigin={}\nmodules={}\n", image.release, image.version,
                  image.origin, image.modules.empty() ? no_modules : "tree"));
}

std::optional<KernelImage> read_card(const std::string& name, const fs::path& folder) {
  auto text = read_file(folder / card_name);
  if (!text) return std::nullopt;
  KernelImage image;
  image.name = name;
  bool modules = true;
  std::istringstream stream(*text);
  for (std::string line; std::getline(stream, line);) {
    const auto equals = line.find('=');
    if (equals == std::string::npos) continue;
    const std::string key = line.substr(0, equals);
    const std::string value = line.substr(equals + 1);
    if (key == "release") image.release = value;
    if (key == "version") image.version = value;
    if (key == "origin") image.origin = value;
    if (key == "modules") modules = value != no_modules;
  }
  image.vmlinuz = folder / "vmlinuz";
  if (modules) image.modules = folder / "lib" / "modules" / image.release;
  std::error_code code;
  if (image.release.empty() || !fs::exists(image.vmlinuz, code) ||
      (modules && !fs::exists(image.modules / "modules.dep", code)))
    return std::nullopt;
  return image;
}

/// One call of supply_kernel().
class Supply {
 public:
  Supply(const KernelOrder& order, const Cache& cache, fs::path kernels, const TellStage& tell,
         const std::stop_token& stop)
      : order_(order),
        source_(order.source),
        cache_(cache),
        kernels_(std::move(kernels)),
        tell_(tell),
        stop_(stop) {}

  /// What the archive has now.
  Result<KernelImage> newest();

  /// What went wrong on the way, if anything, even if it came to a kernel.
  [[nodiscard]] const std::string& problem() const { return problem_; }

  void say(const std::string& text) const {
    if (tell_) tell_(source_.name + ": " + text);
  }

 private:
  Result<KernelImage> from_archive(const fs::path& folder);
  Result<void> update(const Archive& archive);
  void release_lists();
  Result<KernelImage> make(const Archive& archive, const std::vector<Package>& packages);
  Result<void> unpack(const fs::path& debs, const fs::path& unpacked) const;

  const KernelOrder& order_;
  const KernelSource& source_;
  const Cache& cache_;
  fs::path kernels_;
  const TellStage& tell_;
  const std::stop_token& stop_;
  std::string problem_;
  bool updated_ = false;
  bool downloaded_ = false;
  std::optional<CacheLock> lists_;  ///< kernels of one suite may share apt's folder
};

Result<void> Supply::update(const Archive& archive) {
  say(fmt::format("read the package list of {}", source_.suite));
  updated_ = true;
  // Without space apt does not fail: it tries for ever.
  if (auto space = cache_.need_space(list_bytes, "the package list of " + source_.suite); !space)
    return space;
  auto wrong = archive.update(3min);
  if (!wrong) return wrong.error();
  if (!wrong->empty()) problem_ = *wrong;
  return ok();
}

Result<void> Supply::unpack(const fs::path& debs, const fs::path& unpacked) const {
  say("unpack");
  const auto fetched = list_folder(debs);
  if (!fetched) return fetched.error();
  for (const fs::path& deb : *fetched) {
    auto done = require_command({"dpkg-deb", "-x", deb.string(), unpacked.string()}, 10min, stop_);
    if (done) continue;
    auto space = cache_.need_space(std::uint64_t{1} << 20, "the kernel " + source_.name);
    return space ? done.error() : space.error();
  }
  return ok();
}

Result<KernelImage> Supply::make(const Archive& archive, const std::vector<Package>& packages) {
  const Package& first = packages.front();
  std::uint64_t download = 0;
  std::uint64_t installed = 0;
  for (const Package& package : packages) {
    download += package.download_bytes;
    installed += package.installed_bytes;
  }
  if (auto space =
          cache_.need_space(download + installed + order_.work_bytes, "the kernel " + source_.name);
      !space)
    return space.error();
  auto scratch = ScratchFolder::make(kernels_);
  if (!scratch) return scratch.error();
  const fs::path debs = scratch->path() / "debs";
  const fs::path unpacked = scratch->path() / "unpacked";
  std::error_code code;
  fs::create_directories(debs, code);
  fs::create_directories(unpacked, code);
  if (code) return Error{"make " + unpacked.string(), code.value()};

  say(fmt::format("fetch {} {} ({})", first.name, first.version, megabytes(download)));
  if (auto got = archive.download(packages, debs, 30min); !got) return got.error();
  downloaded_ = true;
  const std::string suite = archive.suite_of(first);
  release_lists();
  if (auto done = unpack(debs, unpacked); !done) return done.error();
  fs::remove_all(debs, code);

  auto image = order_.make(first, suite.empty() ? source_.suite : suite, unpacked, scratch->path());
  if (!image) return image.error();
  fs::remove_all(unpacked, code);
  if (auto version = kernel_version_line(scratch->path() / "vmlinuz"); !version)
    return version.error();
  if (stop_.stop_requested())
    return Error{fmt::format("the {} of {} was stopped", order_.doing, source_.name), ECANCELED};
  image->version = first.version;
  if (auto card = write_card(scratch->path(), *image); !card) return card.error();
  const fs::path place = kernels_ / image->version;
  if (auto kept = scratch->keep(place); !kept) return kept.error();
  touch(place);
  auto whole = read_card(source_.name, place);
  if (!whole) return Error{"the kernel in " + place.string() + " is not complete"};
  return *whole;
}

Result<KernelImage> Supply::newest() {
  auto folder = cache_.folder(order_.apt);
  if (!folder) return folder.error();
  auto lock = cache_.lock("lists-" + folder->filename().string(), 30min, tell_, stop_);
  if (!lock) return lock.error();
  lists_.emplace(std::move(*lock));
  auto image = from_archive(*folder);
  release_lists();
  return image;
}

void Supply::release_lists() {
  if (!lists_) return;
  // As large as the lists, quickly made again, and not needed before tomorrow.
  std::error_code code;
  fs::remove(cache_.root() / order_.apt / "cache" / "pkgcache.bin", code);
  lists_.reset();
}

Result<KernelImage> Supply::from_archive(const fs::path& folder) {
  auto sites = machine_sites(folder / "sites", stop_);
  if (!sites) return sites.error();
  auto archive = Archive::open(folder, *sites, source_.suite, source_.security, stop_);
  if (!archive) return archive.error();
  if (source_.security && sites->security.empty())
    problem_ = "this machine's apt names no security site; only " + source_.suite + " was read";

  if (archive->age() > day)
    if (auto done = update(*archive); !done) return done.error();
  for (;;) {
    auto packages = order_.choose(*archive);
    Result<KernelImage> image = Error{};
    if (!packages) {
      // That a list lacks the package matters less than that the list could not be read.
      image = problem_.empty() ? packages.error() : Error{problem_};
    } else if (auto cached = read_card(source_.name, kernels_ / packages->front().version)) {
      return *cached;
    } else {
      image = make(*archive, *packages);
      if (image || downloaded_) return image;
    }
    // The list may be from before the archive replaced the package: once more with a new one.
    if (updated_) return image;
    if (auto done = update(*archive); !done) return done.error();
  }
}

}  // namespace

std::optional<KernelImage> cached_kernel(const std::string& name, const fs::path& place) {
  std::optional<KernelImage> newest;
  Nanos newest_age = Nanos::max();
  const auto folders = list_folder(place);
  if (!folders) return newest;
  for (const fs::path& folder : *folders) {
    if (folder.filename().string().front() == '.') continue;
    const Nanos age = age_of(folder);
    if (age >= newest_age) continue;
    if (auto image = read_card(name, folder)) {
      newest = std::move(image);
      newest_age = age;
    }
  }
  return newest;
}

Result<KernelImage> supply_kernel(const KernelOrder& order, const Cache& cache,
                                  const TellStage& tell, const std::stop_token& stop) {
  const KernelSource& source = order.source;
  auto kernels = cache.folder(order.place);
  if (!kernels) return kernels.error();
  auto lock = cache.lock("kernel-" + kernels->filename().string(), order.patience, tell, stop);
  if (!lock) return lock.error();

  auto cached = cached_kernel(source.name, *kernels);
  const bool fresh = age_of(*kernels / asked_name) < day;
  if (cached && (fresh || age_of(*kernels / note_name) < retry_after)) {
    if (auto note = read_file(*kernels / note_name)) cached->note = *note;
    touch(cached->vmlinuz.parent_path());
    return *cached;
  }

  Supply supply(order, cache, *kernels, tell, stop);
  auto image = supply.newest();
  const std::string& problem = supply.problem();
  // Whatever failed then failed for that: it is no note to keep, and no reason to take another.
  if (!image && stop.stop_requested())
    return Error{fmt::format("the {} of {} was stopped", order.doing, source.name), ECANCELED};
  if (image) {
    if (!problem.empty())
      image->note =
          fmt::format("{} may not be the newest of {}: {}", image->version, source.suite, problem);
  } else {
    std::string why = image.error().message();
    if (!problem.empty() && problem != why) why += " (" + problem + ")";
    if (!cached) return Error{fmt::format("kernel {} ({}): {}", source.name, source.title, why)};
    cached->note = fmt::format("cached {} is used: {}", cached->version, why);
    image = std::move(*cached);
  }
  if (!image->note.empty()) supply.say(image->note);
  std::error_code code;
  fs::remove(*kernels / note_name, code);
  // That these cannot be kept only means that the archive is asked again.
  if (image->note.empty())
    (void)write_file(*kernels / asked_name, "");
  else
    (void)write_file(*kernels / note_name, image->note);
  const fs::path used = image->vmlinuz.parent_path();
  touch(used);
  prune(*kernels, "", used.filename().string(), day);
  return image;
}

}  // namespace daxbreak
