// SPDX-License-Identifier: GPL-2.0
#include "lab/kernel_build.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <optional>

#include "base/command.h"
#include "base/file.h"
#include "base/path.h"
#include "lab/kernel_compile.h"
#include "lab/kernel_supply.h"

namespace daxbreak {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr const char* built_folder = "built";
/// A source tree and its objects with their debugging information, as measured, and some more.
constexpr std::uint64_t work_bytes = std::uint64_t{6000} * 1000 * 1000;
/// As long as several builds that take turns may need.
constexpr Nanos patience = 12h;
/// A patch that is being worked on leaves a kernel behind with every change.
constexpr Nanos keep_unused = 24h * 30;

Result<BuildRecipe> recipe_of(const KernelSource& source) {
  BuildRecipe recipe{.source = source.suite + " " + source.source, .compiler = {}};
  for (const auto& [files, texts] :
       {std::pair{&source.patches, &recipe.patches}, std::pair{&source.configs, &recipe.configs}}) {
    for (const fs::path& file : *files) {
      auto text = read_file(file);
      if (!text) return text.error();
      texts->push_back(std::move(*text));
    }
  }
  auto compiler = compiler_version();
  if (!compiler) return compiler.error();
  recipe.compiler = *compiler;
  return recipe;
}

/// Where the number of steps that this source took the last time is remembered.
fs::path steps_file(const KernelSource& source, const Cache& cache) {
  return cache.root() / built_folder / (".steps-" + source.source);
}

unsigned expected_steps(const KernelSource& source, const Cache& cache) {
  unsigned steps = 0;
  if (auto text = read_line(steps_file(source, cache)))
    std::from_chars(text->data(), text->data() + text->size(), steps);
  return steps;
}

/// The source package's tarball. It also holds patches of Debian's, for other flavours.
Result<fs::path> find_tarball(const fs::path& unpacked) {
  auto files = list_folder(unpacked / "usr" / "src");
  if (!files) return files.error();
  for (const fs::path& file : *files) {
    const std::string name = file.filename();
    if (name.starts_with("linux-source-") && name.find(".tar") != std::string::npos) return file;
  }
  return Error{"the package holds no linux-source-*.tar"};
}

std::string origin_of(const KernelSource& source, const std::string& suite) {
  std::string origin = fmt::format("built of Debian {}, {}", suite, source.source);
  for (const fs::path& file : source.patches)
    origin += fmt::format(" + {}", file.filename().string());
  return origin;
}

Result<KernelImage> make(const KernelSource& source, const Cache& cache, const std::string& suite,
                         const fs::path& unpacked, const fs::path& place, const TellStage& tell,
                         const std::stop_token& stop) {
  auto turn = cache.lock("kernel-compiler", patience, tell, stop);
  if (!turn) return turn.error();
  auto tarball = find_tarball(unpacked);
  if (!tarball) return tarball.error();
  auto logs = cache.folder("logs");
  if (!logs) return logs.error();
  const fs::path log = *logs / ("build-" + source.name + ".log");
  if (auto emptied = write_file(log, ""); !emptied) return emptied.error();

  const fs::path tree = unpacked / "tree";
  auto compiled = compile_kernel({.tarball = *tarball,
                                  .patches = source.patches,
                                  .configs = source.configs,
                                  .tree = tree,
                                  .place = place,
                                  .log = log,
                                  .expected_steps = expected_steps(source, cache),
                                  .say =
                                      [&](const std::string& text) {
                                        if (tell) tell(fmt::format("{}: {}", source.name, text));
                                      }},
                                 stop);
  if (!compiled) {
    auto space = cache.need_space(std::uint64_t{16} << 20, "building the kernel " + source.name);
    return space ? compiled.error() : space.error();
  }
  std::error_code code;
  fs::remove(log, code);
  // Only the next build's progress wants it.
  (void)write_file(steps_file(source, cache), std::to_string(compiled->steps));
  return KernelImage{
      .name = source.name, .release = compiled->release, .origin = origin_of(source, suite)};
}

/// Removes what nobody wants any more of all recipes but this one.
void tidy(const fs::path& built, const std::string& recipe) {
  prune(built, "", recipe, keep_unused);
  const auto folders = list_folder(built);
  if (!folders) return;
  // Gigabytes of a build that was killed, of a recipe that may never come again.
  for (const fs::path& folder : *folders)
    if (folder.filename() != recipe) prune(folder, ".partial-", "", patience);
}

}  // namespace

std::string BuildRecipe::fingerprint() const {
  Fingerprint print;
  print.add(source);
  print.add(compiler);
  // How many, too: the last patch is not the first fragment.
  for (const auto* texts : {&patches, &configs}) {
    print.add(std::to_string(texts->size()));
    for (const std::string& text : *texts)
      print.add(text);
  }
  return print.text();
}

std::vector<std::string> missing_build_programs() {
  std::vector<std::string> missing;
  for (const char* program :
       {"make", "gcc", "ld", "flex", "bison", "bc", "pahole", "patch", "tar", "xz", "dpkg-deb"})
    if (find_program(program).empty()) missing.emplace_back(program);
  return missing;
}

Result<std::string> built_place(const KernelSource& source) {
  auto recipe = recipe_of(source);
  if (!recipe) return recipe.error();
  return fmt::format("{}/{}", built_folder, recipe->fingerprint());
}

Result<KernelImage> build_kernel(const KernelSource& source, const Cache& cache,
                                 const TellStage& tell, const std::stop_token& stop) {
  const auto wrong = [&](const std::string& why) {
    return Error{fmt::format("kernel {} ({}): {}", source.name, source.title, why)};
  };
  if (const auto missing = missing_build_programs(); !missing.empty())
    return wrong(fmt::format("building it needs {}, not installed here; run scripts/setup",
                             fmt::join(missing, ", ")));
  auto place = built_place(source);
  if (!place) return wrong(place.error().message());
  const KernelOrder order{
      .source = source,
      .doing = "build",
      .apt = fmt::format("apt/source-{}{}", source.suite, source.security ? "-security" : ""),
      .place = *place,
      .patience = patience,
      .work_bytes = work_bytes,
      .choose = [&](const Archive& archive) -> Result<std::vector<Package>> {
        auto package = archive.find(source.source);
        if (!package) return package.error();
        return std::vector<Package>{std::move(*package)};
      },
      .make =
          [&](const Package&, const std::string& suite, const fs::path& unpacked,
              const fs::path& folder) {
            return make(source, cache, suite, unpacked, folder, tell, stop);
          }};
  auto image = supply_kernel(order, cache, tell, stop);
  if (image) touch(cache.root() / *place);
  tidy(cache.root() / built_folder, fs::path(*place).filename().string());
  return image;
}

}  // namespace daxbreak
