// SPDX-License-Identifier: GPL-2.0
#include "lab/kernel_compile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/command.h"
#include "base/file.h"
#include "base/units.h"
#include "lab/kernel_build.h"

namespace daxbreak {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// Configuring takes seconds, on a machine that does other things a minute.
constexpr Nanos configure_limit = 15min;
/// Ten minutes on two free cores.
constexpr Nanos compile_limit = 3h;

/// kbuild takes dozens of variables from its environment (ARCH, O, LLVM, KCFLAGS, LOCALVERSION,
/// KCONFIG_*, MAKEFLAGS): the user's would make another kernel than the recipe says.
std::vector<std::string> clean_environment(const fs::path& folder) {
  std::vector<std::string> words = {"env", "-C", folder.string(), "-i", "LC_ALL=C"};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    for (const char* kept : {"PATH=", "HOME=", "TMPDIR=", "XDG_", "CCACHE_"})
      if (text.starts_with(kept)) words.emplace_back(text);
  }
  // Objects carry debugging information, which names the folder: without this none would be found
  // again, since every build has a folder of its own.
  words.emplace_back("CCACHE_NOHASHDIR=true");
  // Include files are known from the compiler itself (-MMD): where nothing is found in the cache,
  // preprocessing everything first would be a tenth of the time and more.
  words.emplace_back("CCACHE_DEPEND=true");
  words.emplace_back("KBUILD_BUILD_USER=daxbreak");
  words.emplace_back("KBUILD_BUILD_HOST=lab");
  return words;
}

/// Without ARCH, which would change defaults: make's own guess is what people get who build by
/// hand.
std::vector<std::string> make_command() {
  std::vector<std::string> words = {
      "make", fmt::format("-j{}", std::max(1U, std::thread::hardware_concurrency())),
      // Set, though to nothing: else a cache inside a git repository adds a "+" to the release.
      "LOCALVERSION=",
      // Debugging information is here for pahole alone, which reads types: where variables live is
      // a tenth of the compiler's time and more. The code stays the same.
      "KCFLAGS=-fno-var-tracking"};
  if (!find_program("ccache").empty()) words.emplace_back("CC=ccache gcc");
  return words;
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

/// One compilation.
class Compilation {
 public:
  Compilation(const CompileOrder& order, const std::stop_token& stop)
      : order_(order), stop_(stop) {}

  Result<void> unpack();
  Result<void> patch();
  Result<void> configure();
  Result<unsigned> compile();
  Result<Compiled> keep();

 private:
  /// Runs a program in the tree, its words going to the log.
  Result<void> run(const std::string& what, const std::vector<std::string>& argv, Nanos limit);
  [[nodiscard]] Result<std::string> check_options() const;
  [[nodiscard]] std::string steps_so_far() const;

  const CompileOrder& order_;
  const std::stop_token& stop_;
};

Result<void> Compilation::run(const std::string& what, const std::vector<std::string>& argv,
                              Nanos limit) {
  std::vector<std::string> words = clean_environment(order_.tree);
  for (const std::string& word :
       {std::string("sh"), std::string("-c"), std::string(R"(exec >>"$0" 2>&1; exec "$@")"),
        order_.log.string()})
    words.push_back(word);
  words.insert(words.end(), argv.begin(), argv.end());
  auto output = run_command(words, limit, stop_);
  if (!output) {
    if (output.error().number != ETIMEDOUT) return output.error();
    return Error{fmt::format("{} did not end within {}; its words are in {}", what,
                             format_time(limit), order_.log.string())};
  }
  if (output->exit_status == 0) return ok();
  auto log = read_file(order_.log);
  std::string why = log ? first_build_error(*log) : "";
  if (why.empty()) why = fmt::format("{} ended with status {}", argv.front(), output->exit_status);
  return Error{fmt::format("{} failed: {} (all of it: {})", what, why, order_.log.string())};
}

Result<void> Compilation::unpack() {
  std::error_code code;
  fs::create_directories(order_.tree, code);
  if (code) return Error{"make " + order_.tree.string(), code.value()};
  order_.say("unpack the source");
  auto done = run("unpacking " + order_.tarball.filename().string(),
                  {"tar", "-xf", order_.tarball.string(), "--strip-components=1"}, 30min);
  fs::remove(order_.tarball, code);
  return done;
}

Result<void> Compilation::patch() {
  for (const fs::path& file : order_.patches) {
    order_.say("apply " + file.filename().string());
    // No fuzz: a hunk that is put where it only nearly fits makes a kernel nobody has read.
    auto output = run_command(
        {"env", "LC_ALL=C", "patch", "-d", order_.tree.string(), "-p1", "--fuzz=0", "--forward",
         "--batch", "--no-backup-if-mismatch", "-r", "-", "-i", fs::absolute(file).string()},
        5min, stop_);
    if (!output) return output.error();
    if (output->exit_status == 0) continue;
    (void)write_file(order_.log, output->text);
    const std::string where = first_rejection(output->text);
    return Error{
        fmt::format("{} does not apply to this source{}; bring the patch up to date with it",
                    file.string(), where.empty() ? "" : ": " + where)};
  }
  return ok();
}

Result<std::string> Compilation::check_options() const {
  std::string fragments;
  for (const fs::path& file : order_.configs) {
    auto text = read_file(file);
    if (!text) return text.error();
    fragments += *text + "\n";
  }
  auto config = read_file(order_.tree / ".config");
  if (!config) return config.error();
  return fmt::format("{}", fmt::join(dropped_options(fragments, *config), ", "));
}

Result<void> Compilation::configure() {
  order_.say("configure");
  const auto target = [&](const char* name) {
    auto words = make_command();
    words.emplace_back(name);
    return run("configuring", words, configure_limit);
  };
  if (auto done = target("tinyconfig"); !done) return done;
  std::vector<std::string> merge = {"scripts/kconfig/merge_config.sh", "-m", ".config"};
  for (const fs::path& file : order_.configs)
    merge.push_back(fs::absolute(file).string());
  if (auto done = run("merging the configuration", merge, configure_limit); !done) return done;
  if (auto done = target("olddefconfig"); !done) return done;
  auto dropped = check_options();
  if (!dropped) return dropped.error();
  if (dropped->empty()) return ok();
  return Error{fmt::format(
      "this source cannot have {}, which its configuration asks for: what they depend on is "
      "missing, or they have another name there",
      *dropped)};
}

std::string Compilation::steps_so_far() const {
  const auto log = read_file(order_.log);
  const unsigned steps = log ? count_steps(*log) : 0;
  if (steps == 0) return "compile";
  // A number that has been passed says nothing.
  if (steps >= order_.expected_steps) return fmt::format("compile, step {}", steps);
  return fmt::format("compile, step {} of about {}", steps, order_.expected_steps);
}

Result<unsigned> Compilation::compile() {
  order_.say("compile");
  // What was said so far has steps of its own.
  std::error_code code;
  fs::resize_file(order_.log, 0, code);
  Result<void> done = ok();
  {
    const std::jthread watcher([this](const std::stop_token& finished) {
      constexpr Nanos tick = 100ms;
      constexpr int ticks = 20;
      for (int at = 0; !finished.stop_requested(); ++at) {
        if (at % ticks == ticks - 1) order_.say(steps_so_far());
        sleep_for(tick);
      }
    });
    auto words = make_command();
    words.emplace_back("bzImage");
    done = run("compiling", words, compile_limit);
  }
  if (!done) return done.error();
  auto log = read_file(order_.log);
  return log ? count_steps(*log) : 0;
}

Result<Compiled> Compilation::keep() {
  const std::vector<std::pair<const char*, const char*>> files = {
      {"arch/x86/boot/bzImage", "vmlinuz"}, {".config", "config"}, {"System.map", "System.map"}};
  for (const auto& [from, to] : files) {
    std::error_code code;
    fs::rename(order_.tree / from, order_.place / to, code);
    if (code) return Error{fmt::format("keep {} of the kernel", from), code.value()};
  }
  auto release = read_line(order_.tree / "include/config/kernel.release");
  if (!release) return release.error();
  return Compiled{.release = *release};
}

}  // namespace

Result<Compiled> compile_kernel(const CompileOrder& order, const std::stop_token& stop) {
  Compilation compilation(order, stop);
  if (auto done = compilation.unpack(); !done) return done.error();
  if (auto done = compilation.patch(); !done) return done.error();
  if (auto done = compilation.configure(); !done) return done.error();
  auto steps = compilation.compile();
  if (!steps) return steps.error();
  auto compiled = compilation.keep();
  if (compiled) compiled->steps = *steps;
  return compiled;
}

Result<std::string> compiler_version() {
  std::string versions;
  for (const char* program : {"gcc", "ld", "pahole"}) {
    auto said = require_command({"env", "LC_ALL=C", program, "--version"}, 30s);
    if (!said) return said.error();
    versions += first_line(*said) + "\n";
  }
  return versions;
}

}  // namespace daxbreak
