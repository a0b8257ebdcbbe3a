// SPDX-License-Identifier: GPL-2.0
#include "lab/kernel_fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <sstream>
#include <vector>

#include "base/command.h"
#include "base/file.h"
#include "base/path.h"
#include "base/units.h"
#include "lab/archive.h"

namespace daxbreak {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr Nanos day = 24h;
/// The file whose presence says that a cached kernel is complete.
constexpr const char* card_name = "kernel";

/// Beside apt's lists: why the cached kernel may not be the newest.
constexpr const char* note_name = "note";
/// What apt takes for one suite: the list compressed, the list as it unpacks it, its index.
constexpr std::uint64_t list_bytes = std::uint64_t{150} * 1000 * 1000;
/// An archive that could not be reached is not asked by every run: each would wait for it.
constexpr Nanos retry_after = 10min;

/// Drivers of hardware that the lab's machines do not have: half of a kernel's modules, and of the
/// time that depmod takes over them.
constexpr const char* unwanted[] = {
    "sound",         "drivers/gpu",     "drivers/media", "drivers/net/wireless",
    "drivers/iio",   "drivers/staging", "drivers/usb",   "drivers/net/ethernet",
    "drivers/hwmon", "drivers/input",   "drivers/hid",   "drivers/isdn",
    "drivers/mtd",   "drivers/video",   "drivers/mfd",   "drivers/comedi",
};

void say(const Progress& progress, const std::string& text) {
  if (progress) progress(text);
}

std::string megabytes(std::uint64_t bytes) {
  return fmt::format("{} MB", bytes / 1000 / 1000);
}

Result<void> write_card(const fs::path& folder, const KernelImage& image) {
  return write_file(folder / card_name, fmt::format("release={}\nversion={}\norigin={}\n",
                                                    image.release, image.version, image.origin));
}

std::optional<KernelImage> read_card(const std::string& name, const fs::path& folder) {
  auto text = read_file(folder / card_name);
  if (!text) return std::nullopt;
  KernelImage image;
  image.name = name;
  std::istringstream stream(*text);
  for (std::string line; std::getline(stream, line);) {
    const auto equals = line.find('=');
    if (equals == std::string::npos) continue;
    const std::string key = line.substr(0, equals);
    const std::string value = line.substr(equals + 1);
    if (key == "release") image.release = value;
    if (key == "version") image.version = value;
    if (key == "origin") image.origin = value;
  }
  image.vmlinuz = folder / "vmlinuz";
  image.modules = folder / "lib" / "modules" / image.release;
  std::error_code code;
  if (image.release.empty() || !fs::exists(image.vmlinuz, code) ||
      !fs::exists(image.modules / "modules.dep", code))
    return std::nullopt;
  return image;
}

/// The complete kernel in the cache that was used last.
std::optional<KernelImage> newest_cached(const std::string& name, const fs::path& kernels) {
  std::optional<KernelImage> newest;
  Nanos newest_age = Nanos::max();
  const auto folders = list_folder(kernels);
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

/// The packages that hold the kernel a metapackage stands for. linux-image-amd64 depends on
/// linux-image-VERSION, which holds everything up to 6.x and is itself divided later: since 7.x
/// linux-binary-VERSION has the bzImage, linux-modules-VERSION the modules, linux-base-VERSION
/// modules.builtin. What such parts have in common is that the kernel wants exactly its own version
/// of them, which it wants of nothing else. The first one returned is linux-image-VERSION.
Result<std::vector<Package>> resolve(const Archive& archive, const std::string& metapackage) {
  auto meta = archive.find(metapackage);
  if (!meta) return meta.error();
  std::vector<Package> packages;
  std::vector<Package::Dependency> open = meta->depends;
  while (!open.empty()) {
    const Package::Dependency next = open.back();
    open.pop_back();
    const bool part = next.name.starts_with("linux-") && !next.version.empty();
    const bool known = std::any_of(packages.begin(), packages.end(), [&](const Package& package) {
      return package.name == next.name;
    });
    if (!part || known) continue;
    auto package = archive.find(next.name, next.version);
    if (!package) return package.error();
    open.insert(open.end(), package->depends.begin(), package->depends.end());
    packages.push_back(std::move(*package));
  }
  const auto image = std::find_if(packages.begin(), packages.end(), [](const Package& package) {
    return package.name.starts_with("linux-image-");
  });
  if (image == packages.end())
    return Error{fmt::format("{} {} depends on no kernel", metapackage, meta->version)};
  std::iter_swap(packages.begin(), image);
  return packages;
}

/// Finds in the unpacked packages what a kernel is made of and puts it where it belongs:
/// vmlinuz and lib/modules/RELEASE. Debian moved both over the years (boot or usr/lib/modules).
Result<std::string> arrange(const fs::path& unpacked, const fs::path& place) {
  std::error_code code;
  fs::path bzimage;
  std::string release;
  for (const char* base : {"lib/modules", "usr/lib/modules"}) {
    const auto folders = list_folder(unpacked / base);
    if (!folders) continue;  // it is in one of the two
    for (const fs::path& folder : *folders) {
      release = folder.filename();
      if (fs::exists(folder / "vmlinuz", code)) bzimage = folder / "vmlinuz";
      fs::create_directories(place / "lib" / "modules", code);
      fs::rename(folder, place / "lib" / "modules" / release, code);
      if (code) return Error{"move " + folder.string(), code.value()};
    }
  }
  if (release.empty()) return Error{"the packages hold no modules"};
  const fs::path modules = place / "lib" / "modules" / release;
  if (!bzimage.empty()) bzimage = modules / "vmlinuz";
  if (bzimage.empty()) bzimage = unpacked / "boot" / ("vmlinuz-" + release);
  fs::rename(bzimage, place / "vmlinuz", code);
  if (code) return Error{"the packages hold no kernel " + bzimage.filename().string()};
  for (const char* folder : unwanted)
    fs::remove_all(modules / "kernel" / folder, code);
  return release;
}

/// Fetches and unpacks into `place`.
Result<KernelImage> build(const KernelSource& source, const Archive& archive,
                          const std::vector<Package>& packages, const Cache& cache,
                          const fs::path& kernels, const Progress& progress,
                          const std::stop_token& stop) {
  std::uint64_t download = 0;
  std::uint64_t installed = 0;
  for (const Package& package : packages) {
    download += package.download_bytes;
    installed += package.installed_bytes;
  }
  if (auto space = cache.need_space(download + installed, "the kernel " + source.name); !space)
    return space.error();
  auto scratch = ScratchFolder::make(kernels);
  if (!scratch) return scratch.error();
  const fs::path debs = scratch->path() / "debs";
  const fs::path unpacked = scratch->path() / "unpacked";
  std::error_code code;
  fs::create_directories(debs, code);
  fs::create_directories(unpacked, code);
  if (code) return Error{"make " + unpacked.string(), code.value()};

  say(progress, fmt::format("{}: fetch {} {} ({})", source.name, packages.front().name,
                            packages.front().version, megabytes(download)));
  if (auto got = archive.download(packages, debs, 30min); !got) return got.error();
  say(progress, fmt::format("{}: unpack", source.name));
  const auto fetched = list_folder(debs);
  if (!fetched) return fetched.error();
  for (const fs::path& deb : *fetched) {
    auto done = require_command({"dpkg-deb", "-x", deb.string(), unpacked.string()}, 10min, stop);
    if (!done) {
      if (auto space = cache.need_space(std::uint64_t{1} << 20, "the kernel " + source.name);
          !space)
        return space.error();
      return done.error();
    }
  }

  KernelImage image;
  auto release = arrange(unpacked, scratch->path());
  if (!release) return Error{source.name + ": " + release.error().message()};
  fs::remove_all(debs, code);
  fs::remove_all(unpacked, code);
  if (auto version = kernel_version_line(scratch->path() / "vmlinuz"); !version)
    return version.error();
  // Debian's packages run depmod when they are installed; these are not.
  auto depmod = require_command(
      {"depmod", "-C", "/dev/null", "-b", scratch->path().string(), *release}, 5min, stop);
  if (!depmod) return depmod.error();

  image.name = source.name;
  image.release = *release;
  image.version = packages.front().version;
  const std::string suite = archive.suite_of(packages.front());
  if (stop.stop_requested())
    return Error{"the fetch of " + source.name + " was stopped", ECANCELED};
  image.origin =
      fmt::format("Debian {}, {}", suite.empty() ? source.suite : suite, packages.front().name);
  if (auto card = write_card(scratch->path(), image); !card) return card.error();
  const fs::path place = kernels / image.version;
  if (auto kept = scratch->keep(place); !kept) return kept.error();
  touch(place);
  image.vmlinuz = place / "vmlinuz";
  image.modules = place / "lib" / "modules" / image.release;
  return image;
}

/// What the archive has now. On return `problem` says what went wrong on the way, if anything.
Result<KernelImage> newest_from_archive(const KernelSource& source, const Cache& cache,
                                        const fs::path& kernels, const Progress& progress,
                                        const std::stop_token& stop, std::string& problem) {
  auto folder = cache.folder("apt/" + source.name);
  if (!folder) return folder.error();
  auto sites = machine_sites(*folder / "sites", stop);
  if (!sites) return sites.error();
  auto archive = Archive::open(*folder, *sites, source.suite, source.security, stop);
  if (!archive) return archive.error();
  if (source.security && sites->security.empty())
    problem = "this machine's apt names no security site; only " + source.suite + " was read";

  bool updated = false;
  const auto update = [&]() -> Result<void> {
    say(progress, fmt::format("{}: read the package list of {}", source.name, source.suite));
    updated = true;
    // Without space apt does not fail: it tries for ever.
    if (auto space = cache.need_space(list_bytes, "the package list of " + source.suite); !space)
      return space;
    auto wrong = archive->update(3min);
    if (!wrong) return wrong.error();
    if (!wrong->empty()) problem = *wrong;
    return ok();
  };
  if (archive->age() > day)
    if (auto done = update(); !done) return done.error();
  for (;;) {
    auto packages = resolve(*archive, source.package);
    Result<KernelImage> image = Error{};
    if (!packages) {
      // That a list lacks the package matters less than that the list could not be read.
      image = problem.empty() ? packages.error() : Error{problem};
    } else if (auto cached = read_card(source.name, kernels / packages->front().version)) {
      return *cached;
    } else {
      image = build(source, *archive, *packages, cache, kernels, progress, stop);
      if (image) return image;
    }
    // The list may be from before the archive replaced the package: once more with a new one.
    if (updated) return image;
    if (auto done = update(); !done) return done.error();
  }
}

}  // namespace

Result<KernelImage> fetch_kernel(const KernelSource& source, const Cache& cache,
                                 const Progress& progress, const std::stop_token& stop) {
  auto kernels = cache.folder("kernels/" + source.name);
  if (!kernels) return kernels.error();
  auto lock = cache.lock("kernel-" + source.name, 30min, progress, stop);
  if (!lock) return lock.error();

  auto cached = newest_cached(source.name, *kernels);
  const fs::path apt = cache.root() / "apt" / source.name;
  const bool fresh = age_of(apt / "updated") < day;
  if (cached && (fresh || age_of(apt / note_name) < retry_after)) {
    if (auto note = read_file(apt / note_name)) cached->note = *note;
    touch(cached->vmlinuz.parent_path());
    return *cached;
  }

  std::string problem;
  auto image = newest_from_archive(source, cache, *kernels, progress, stop, problem);
  // Whatever failed then failed for that: it is no note to keep, and no reason to take another.
  if (!image && stop.stop_requested())
    return Error{"the fetch of " + source.name + " was stopped", ECANCELED};
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
  if (!image->note.empty()) say(progress, source.name + ": " + image->note);
  std::error_code code;
  fs::remove(apt / note_name, code);
  // That it cannot be kept only means that the archive is asked again.
  if (!image->note.empty()) (void)write_file(apt / note_name, image->note);
  // As large as the lists, quickly made again, and not needed before tomorrow.
  fs::remove(apt / "cache" / "pkgcache.bin", code);
  const fs::path used = image->vmlinuz.parent_path();
  touch(used);
  prune(*kernels, "", used.filename().string(), day);
  return image;
}

}  // namespace daxbreak
