// SPDX-License-Identifier: GPL-2.0
#include "lab/kernel_fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/command.h"
#include "base/path.h"
#include "lab/archive.h"
#include "lab/kernel_supply.h"

namespace daxbreak {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// Drivers of hardware that the lab's machines do not have: half of a kernel's modules, and of the
/// time that depmod takes over them.
constexpr const char* unwanted[] = {
    "sound",         "drivers/gpu",     "drivers/media", "drivers/net/wireless",
    "drivers/iio",   "drivers/staging", "drivers/usb",   "drivers/net/ethernet",
    "drivers/hwmon", "drivers/input",   "drivers/hid",   "drivers/isdn",
    "drivers/mtd",   "drivers/video",   "drivers/mfd",   "drivers/comedi",
};

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

}  // namespace

std::string fetched_place(const KernelSource& source) {
  return "kernels/" + source.name;
}

Result<KernelImage> fetch_kernel(const KernelSource& source, const Cache& cache,
                                 const TellStage& tell, const std::stop_token& stop) {
  const KernelOrder order{
      .source = source,
      .apt = "apt/" + source.name,
      .place = fetched_place(source),
      .patience = 30min,
      .choose = [&](const Archive& archive) { return resolve(archive, source.package); },
      .make = [&](const Package& first, const std::string& suite, const fs::path& unpacked,
                  const fs::path& place) -> Result<KernelImage> {
        auto release = arrange(unpacked, place);
        if (!release) return Error{source.name + ": " + release.error().message()};
        // Debian's packages run depmod when they are installed; these are not.
        auto depmod = require_command({"depmod", "-C", "/dev/null", "-b", place.string(), *release},
                                      5min, stop);
        if (!depmod) return depmod.error();
        return KernelImage{.name = source.name,
                           .release = *release,
                           .origin = fmt::format("Debian {}, {}", suite, first.name),
                           .modules = place / "lib" / "modules" / *release};
      }};
  return supply_kernel(order, cache, tell, stop);
}

}  // namespace daxbreak
