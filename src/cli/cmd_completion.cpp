// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "cli/commands.h"
#include "cli/configs.h"
#include "cli/report_formats.h"
#include "cli/say.h"
#include "job/job_file.h"
#include "lab/kernel_catalogue.h"

namespace daxbreak {
namespace {

std::vector<std::string> both(std::vector<std::string> some, const std::vector<std::string>& more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

/// Words by where they may stand, "run" or "lab exec"; "" is the first place.
using Places = std::map<std::string, std::vector<std::string>>;

/// The choices of an option that has CLI::IsMember, which its type names: "TEXT:{ext4,xfs}".
std::vector<std::string> choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const auto begin = type.find(":{");
  const auto end = type.find('}', begin);
  if (begin == std::string::npos || end == std::string::npos) return {};
  std::string list = type.substr(begin + 2, end - begin - 2);
  std::replace(list.begin(), list.end(), ',', ' ');
  return {list};
}

/// The words that may follow each subcommand: its subcommands and its switches; and those that may
/// follow a switch of it, by "run --expect".
void collect(const CLI::App& app, const std::string& path, Places& words, Places& values) {
  auto& own = words[path];
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) {
      own.push_back("--" + name);
      if (auto choices = choices_of(*option); !choices.empty())
        values[fmt::format("{} --{}", path, name)] = std::move(choices);
    }
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    own.push_back(sub->get_name());
    collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), words, values);
  }
}

/// What an option takes whose list is checked elsewhere, in any subcommand.
Places listed_values() {
  const Vocabulary known = Vocabulary::registered();
  Places values{
      {"--pin", both(known.pins, known.storm_pins)},
      {"--breaker", both(both(known.breakers, known.device_breakers), known.storm_breakers)},
      {"--disturber", both(known.disturbers, known.memory_disturbers)},
      {"--gate", known.gates},
      {"--memory", known.memories},
      {"--range", known.ranges},
      {"--load", known.loads},
      {"--filesystem", both(known.filesystems, known.devices)},
      {"--pagesize", {"4k", "2m"}},
      {"--cover", {"product", "pairwise"}},
      {"--observe", {"no", "yes", "both"}},
      {"--refault", {"0", "1"}}};
  for (const ReportFormat& format : report_formats())
    values["--output-format"].emplace_back(format.name);
  if (const auto configs = config_directory())
    if (const auto kernels = read_catalogue(*configs / "kernels"))
      for (const KernelSource& kernel : *kernels)
        values["--kernel"].push_back(kernel.name);
  return values;
}

std::string bash_script(const CLI::App& app) {
  Places words;
  Places own_values;
  collect(app, "", words, own_values);
  // `list` takes its word as an argument, not as a subcommand.
  words["list"] = both(std::move(words["list"]), list_subjects());

  std::string script =
      "# bash completion for daxbreak: source <(daxbreak completion bash)\n"
      "_daxbreak() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} path= at\n"
      "  # bash takes '=' for a word of its own\n"
      "  [[ $word == = ]] && word=\n"
      "  [[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD-2]}\n"
      "  for ((at = 1; at < COMP_CWORD; ++at)); do\n"
      "    case \"$path ${COMP_WORDS[at]}\" in\n";
  for (const auto& [path, list] : words)
    if (!path.empty()) script += fmt::format("      ' {}') path=' {}';;\n", path, path);
  script +=
      "    esac\n"
      "  done\n"
      "  case \"$path $before\" in\n";
  const auto value_case = [&](const std::string& pattern, const std::vector<std::string>& list) {
    script += fmt::format("    {}) COMPREPLY=($(compgen -W '{}' -- \"$word\")); return;;\n",
                          pattern, fmt::join(list, " "));
  };
  for (const auto& [place, list] : own_values)
    value_case(fmt::format("' {}'", place), list);
  for (const auto& [option, list] : listed_values())
    value_case(fmt::format("*' {}'", option), list);
  script +=
      "  esac\n"
      "  case $path in\n";
  for (const auto& [path, list] : words)
    script += fmt::format("    '{}') COMPREPLY=($(compgen -W '{}' -- \"$word\"));;\n",
                          path.empty() ? path : " " + path, fmt::join(list, " "));
  script +=
      "  esac\n"
      "  case $path in ' compare'|' report'|' merge')\n"
      "    [[ $word != -* ]] && COMPREPLY+=($(compgen -f -X '!*.jsonl' -- \"$word\"));;\n"
      "  esac\n"
      "  [[ $path == ' run' && $word != -* ]] && "
      "COMPREPLY+=($(compgen -f -X '!*.job' -- \"$word\"))\n"
      "  return 0\n"
      "}\n"
      "complete -o filenames -o bashdefault -F _daxbreak daxbreak\n";
  return script;
}

}  // namespace

void add_completion(CLI::App& app, Action& action) {
  const auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Print a completion script for a shell");
  command->add_option("SHELL", *shell, "bash")->required()->check(CLI::IsMember({"bash"}));
  command->footer("Examples:\n  source <(daxbreak completion bash)");
  command->callback([shell, &app, &action] {
    action = [&app] {
      fmt::print("{}", bash_script(app));
      return static_cast<int>(exit_pass);
    };
  });
}

}  // namespace daxbreak
