// SPDX-License-Identifier: GPL-2.0
#include "lab/archive.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <sstream>

#include "base/command.h"
#include "base/file.h"
#include "base/path.h"
#include "base/units.h"
#include "lab/cache.h"

namespace daxbreak {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// Names Debian gives its suites whatever the release: what a sid or testing machine has.
constexpr std::string_view moving_suites[] = {"stable", "testing",      "unstable",
                                              "sid",    "experimental", "oldstable"};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);)
    lines.push_back(std::move(line));
  return lines;
}

/// The value of a paragraph's field on this line, or "".
std::string field(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':') return {};
  const auto same = [](unsigned char a, unsigned char b) { return tolower(a) == tolower(b); };
  if (!std::equal(name.begin(), name.end(), line.begin(), same)) return {};
  line.remove_prefix(name.size() + 1);
  const auto first = line.find_first_not_of(" \t");
  return first == std::string_view::npos ? "" : std::string(line.substr(first));
}

std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string codename() {
  auto text = read_file("/etc/os-release");
  if (!text) return {};
  for (const std::string& line : lines_of(*text)) {
    constexpr std::string_view key = "VERSION_CODENAME=";
    if (line.starts_with(key)) {
      std::string name = line.substr(key.size());
      std::erase(name, '"');
      return name;
    }
  }
  return {};
}

/// Every file that apt reads sources from.
std::vector<fs::path> source_files(const std::stop_token& stop) {
  std::vector<fs::path> files;
  auto found = require_command(
      {"apt-config", "shell", "LIST", "Dir::Etc::SourceList/f", "PARTS", "Dir::Etc::SourceParts/d"},
      30s, stop);
  if (!found) return files;
  for (const std::string& line : lines_of(*found)) {
    const auto open = line.find('\'');
    const auto close = line.rfind('\'');
    if (open == std::string::npos || close <= open) continue;
    const fs::path path = line.substr(open + 1, close - open - 1);
    std::error_code code;
    if (fs::is_regular_file(path, code)) files.push_back(path);
    const auto parts = list_folder(path);
    if (!parts) continue;
    for (const fs::path& part : *parts)
      if (part.extension() == ".list" || part.extension() == ".sources") files.push_back(part);
  }
  return files;
}

/// run_command() names the program it started, which is env(1).
Error timed_out(const Error& error, const std::string& what, Nanos limit) {
  if (error.number != ETIMEDOUT) return error;
  return Error{fmt::format("{} did not end within {}", what, format_time(limit)), 0};
}

void add_once(std::vector<fs::path>& paths, const fs::path& path) {
  std::error_code code;
  if (fs::exists(path, code) && std::find(paths.begin(), paths.end(), path) == paths.end())
    paths.push_back(path);
}

}  // namespace

Result<ArchiveSites> parse_sites(std::string_view print_uris, std::string_view codename) {
  ArchiveSites sites;
  std::string moving;
  for (const std::string& line : lines_of(print_uris)) {
    // 'SITE/dists/SUITE/InRelease' file size
    const auto dists = line.find("/dists/");
    const auto end = line.find("/InRelease'");
    if (line.empty() || line.front() != '\'' || dists == std::string::npos ||
        end == std::string::npos || end <= dists + 7)
      continue;
    const std::string site = line.substr(1, dists - 1);
    const std::string suite = line.substr(dists + 7, end - dists - 7);
    const bool known = std::find(std::begin(moving_suites), std::end(moving_suites), suite) !=
                       std::end(moving_suites);
    if (suite.ends_with("-security")) {
      if (sites.security.empty()) sites.security = site;
    } else if (!codename.empty() && suite == codename) {
      if (sites.main.empty()) sites.main = site;
    } else if (known && moving.empty()) {
      moving = site;
    }
  }
  if (sites.main.empty()) sites.main = moving;
  if (sites.main.empty())
    return Error{
        "this machine's apt names no Debian archive to fetch kernels from; "
        "give one with --kernel bzImage --modules DIR"};
  return sites;
}

std::vector<fs::path> parse_signed_by(std::string_view sources, const ArchiveSites& sites) {
  std::vector<fs::path> keyrings;
  const auto mentions_site = [&](const std::string& text) {
    return text.find(sites.main) != std::string::npos ||
           (!sites.security.empty() && text.find(sites.security) != std::string::npos);
  };
  const auto take = [&](std::string words) {
    std::replace(words.begin(), words.end(), ',', ' ');
    std::istringstream stream(words);
    for (std::string word; stream >> word;)
      if (word.front() == '/') keyrings.emplace_back(word);
  };
  bool ours = false;
  std::string signed_by;
  const auto end_paragraph = [&] {
    if (ours) take(signed_by);
    ours = false;
    signed_by.clear();
  };
  for (const std::string& line : lines_of(sources)) {
    if (line.empty()) end_paragraph();
    if (line.empty() || line.front() == '#') continue;
    constexpr std::string_view option = "signed-by=";
    if (const auto at = line.find(option); line.starts_with("deb") && at != std::string::npos) {
      const auto from = at + option.size();
      if (mentions_site(line)) take(line.substr(from, line.find_first_of(" ]", from) - from));
    } else if (const std::string value = field(line, "Signed-By"); !value.empty()) {
      signed_by = value;
    } else if (mentions_site(line)) {
      ours = true;
    }
  }
  end_paragraph();
  return keyrings;
}

Result<ArchiveSites> machine_sites(const fs::path& scratch, const std::stop_token& stop) {
  if (find_program("apt-get").empty())
    return Error{
        "kernels of the catalogue are fetched with apt, which this machine does not have; "
        "give one with --kernel bzImage --modules DIR"};
  std::error_code code;
  fs::create_directories(scratch / "lists" / "partial", code);
  fs::create_directories(scratch / "cache", code);
  // With lists of its own, which are empty, apt names every index it would fetch, on a machine
  // where `apt-get update` has never run too, and needs no lock of the system's.
  auto uris =
      require_command({"env", "LC_ALL=C", "apt-get", "-q", "-o",
                       "Dir::State::Lists=" + (scratch / "lists").string(), "-o",
                       "Dir::Cache=" + (scratch / "cache").string(), "--print-uris", "update"},
                      60s, stop);
  if (!uris) return uris.error();
  auto sites = parse_sites(*uris, codename());
  if (!sites) return sites.error();
  for (const char* suffix : {"gpg", "pgp"})
    add_once(sites->keyrings, fmt::format("/usr/share/keyrings/debian-archive-keyring.{}", suffix));
  for (const fs::path& file : source_files(stop))
    if (auto text = read_file(file))
      for (const fs::path& keyring : parse_signed_by(*text, *sites))
        add_once(sites->keyrings, keyring);
  return sites;
}

Result<Package> parse_package(std::string_view paragraph) {
  Package package;
  std::string depends;
  for (const std::string& line : lines_of(paragraph)) {
    if (line.empty() && !package.name.empty()) break;
    if (auto name = field(line, "Package"); !name.empty()) package.name = name;
    if (auto version = field(line, "Version"); !version.empty()) package.version = version;
    if (auto size = field(line, "Size"); !size.empty()) package.download_bytes = number(size);
    if (auto size = field(line, "Installed-Size"); !size.empty())
      package.installed_bytes = number(size) * 1024;
    if (auto value = field(line, "Depends"); !value.empty()) depends = value;
  }
  if (package.name.empty() || package.version.empty())
    return Error{"apt-cache described no package"};
  std::istringstream stream(depends);
  for (std::string item; std::getline(stream, item, ',');) {
    // "name:arch (= version) | other"
    item = item.substr(0, item.find('|'));
    std::istringstream words(item);
    Package::Dependency dependency;
    std::string relation;
    words >> dependency.name >> relation >> dependency.version;
    dependency.name = dependency.name.substr(0, dependency.name.find(':'));
    if (relation == "(=" && dependency.version.ends_with(')'))
      dependency.version.pop_back();
    else
      dependency.version.clear();
    if (!dependency.name.empty()) package.depends.push_back(std::move(dependency));
  }
  return package;
}

Result<Archive> Archive::open(const fs::path& folder, const ArchiveSites& sites,
                              const std::string& suite, bool security, std::stop_token stop) {
  std::error_code code;
  // An apt that was stopped leaves its temporary files; they are here, and not in the user's /tmp.
  fs::remove_all(folder / "tmp", code);
  for (const char* part : {"lists/partial", "cache/archives/partial", "tmp"}) {
    fs::create_directories(folder / part, code);
    if (code) return Error{"make " + (folder / part).string(), code.value()};
  }
  // Read after the system's configuration, so that its proxies stay and its hooks (desktops' update
  // notifiers, package caches) go. APT::Sandbox::User: root's apt would give up its rights to a
  // user who cannot reach a cache under root's home.
  const std::string config = fmt::format(
      R"(Dir::State "{0}";
Dir::State::Lists "{0}/lists";
Dir::State::status "/dev/null";
Dir::Cache "{0}/cache";
Dir::Cache::archives "{0}/cache/archives";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "";
Dir::Etc::SourceList "{0}/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Sandbox::User "root";
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
)",
      folder.string());
  if (auto put = write_file(folder / "apt.conf", config); !put) return put.error();

  std::string options = "[arch=amd64 target=Packages lang=none pdiffs=no";
  if (!sites.keyrings.empty()) {
    std::vector<std::string> names(sites.keyrings.begin(), sites.keyrings.end());
    options += fmt::format(" signed-by={}", fmt::join(names, ","));
  }
  options += "]";
  std::string sources = fmt::format("deb {} {} {} main\n", options, sites.main, suite);
  if (security && !sites.security.empty())
    sources += fmt::format("deb {} {} {}-security main\n", options, sites.security, suite);
  if (auto put = write_file(folder / "sources.list", sources); !put) return put.error();
  return Archive(folder, std::move(stop));
}

std::vector<std::string> Archive::apt(const std::string& program,
                                      const std::vector<std::string>& words) const {
  std::vector<std::string> argv = {"env",   "LC_ALL=C", "TMPDIR=" + (folder_ / "tmp").string(),
                                   program, "-c",       (folder_ / "apt.conf").string(),
                                   "-q"};
  argv.insert(argv.end(), words.begin(), words.end());
  return argv;
}

Result<std::string> Archive::update(Nanos limit) const {
  auto output = run_command(apt("apt-get", {"update"}), limit, stop_);
  if (!output) return timed_out(output.error(), "apt-get update", limit);
  // Errors matter more than warnings; apt's last words are general ("Some index files failed").
  std::string problem;
  bool is_error = false;
  for (const std::string& line : lines_of(output->text)) {
    if (line.find("No space left on device") != std::string::npos)
      return fmt::format("no space left in {} for apt's lists", folder_.string());
    if (line.starts_with("E: ") && !is_error) {
      problem = line.substr(3);
      is_error = true;
    } else if (line.starts_with("W: ") && problem.empty()) {
      problem = line.substr(3);
    }
  }
  if (problem.empty() && output->exit_status != 0)
    problem = fmt::format("apt-get update ended with status {}", output->exit_status);
  if (problem.empty()) {
    if (auto put = write_file(folder_ / "updated", ""); !put) return put.error();
    touch(folder_ / "updated");
  }
  return problem;
}

Nanos Archive::age() const {
  return age_of(folder_ / "updated");
}

Result<Package> Archive::find(const std::string& name, const std::string& version) const {
  const std::string wanted = version.empty() ? name : name + "=" + version;
  auto output = run_command(apt("apt-cache", {"--no-all-versions", "show", wanted}), 60s, stop_);
  if (!output) return output.error();
  if (output->exit_status != 0) return Error{"the archive has no package " + wanted};
  return parse_package(output->text);
}

std::string Archive::suite_of(const Package& package) const {
  auto output = run_command(apt("apt-cache", {"madison", package.name}), 60s, stop_);
  if (!output) return {};
  // " name | version | SITE SUITE/COMPONENT amd64 Packages"
  for (const std::string& line : lines_of(output->text)) {
    std::istringstream words(line);
    std::string name, bar, version, site, suite;
    words >> name >> bar >> version >> bar >> site >> suite;
    if (version == package.version) return suite.substr(0, suite.find('/'));
  }
  return {};
}

Result<void> Archive::download(const std::vector<Package>& packages, const fs::path& into,
                               Nanos limit) const {
  // `apt-get download` writes where it stands.
  std::vector<std::string> argv = {"env", "-C", into.string()};
  std::vector<std::string> words = {"download"};
  for (const Package& package : packages)
    words.push_back(package.name + "=" + package.version);
  const std::vector<std::string> rest = apt("apt-get", words);
  argv.insert(argv.end(), rest.begin() + 1, rest.end());
  auto output = run_command(argv, limit, stop_);
  if (!output) return timed_out(output.error(), "apt-get download", limit);
  if (output->exit_status == 0) return ok();
  std::string problem = fmt::format("apt-get download ended with status {}", output->exit_status);
  for (const std::string& line : lines_of(output->text)) {
    if (line.find("No space left on device") != std::string::npos ||
        line.find("enough free space") != std::string::npos)
      return Error{"no space left in " + into.string()};
    if (line.starts_with("E: ")) {
      problem = line.substr(3);
      break;
    }
  }
  return Error{problem};
}

}  // namespace daxbreak
