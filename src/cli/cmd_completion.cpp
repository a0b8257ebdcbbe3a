// SPDX-License-Identifier: GPL-2.0
#include <fmt/format.h>

#include <map>
#include <memory>

#include "cli/commands.h"
#include "cli/say.h"
#include "job/job_file.h"

namespace daxbreak {
namespace {

std::vector<std::string> both(std::vector<std::string> some, const std::vector<std::string>& more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

/// The words that may follow each subcommand path: its subcommands and its switches.
void collect(const CLI::App& app, const std::string& path,
             std::map<std::string, std::vector<std::string>>& words) {
  auto& own = words[path];
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames())
      own.push_back("--" + name);
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    own.push_back(sub->get_name());
    collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), words);
  }
}

std::string bash_script(const CLI::App& app) {
  std::map<std::string, std::vector<std::string>> words;
  collect(app, "", words);
  // `list` takes its word as an argument, not as a subcommand.
  for (const char* subject :
       {"pins", "breakers", "disturbers", "gates", "memory", "ranges", "loads", "storm-pins",
        "storm-breakers", "schemes", "kernels", "findings", "jobs", "keys"})
    words["list"].emplace_back(subject);
  const Vocabulary known = Vocabulary::registered();
  const std::map<std::string, std::vector<std::string>> values{
      {"--pin", known.pins},
      {"--breaker", both(known.breakers, known.device_breakers)},
      {"--disturber", known.disturbers},
      {"--gate", known.gates},
      {"--memory", known.memories},
      {"--range", known.ranges},
      {"--filesystem", both(known.filesystems, known.devices)},
      {"--pagesize", {"4k", "2m"}},
      {"--cover", {"product", "pairwise"}},
      {"--output-format",
       {"normal", "json", "json+", "findings-page", "schemes-page", "html", "ktap", "junit",
        "markdown"}},
      {"--by", {"kernel", "pin", "cell"}},
      {"--expect", {"known"}},
      {"--mode", {"fsdax", "devdax"}}};

  std::string script =
      "# bash completion for daxbreak: source <(daxbreak completion bash)\n"
      "_daxbreak() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} path= at\n"
      "  # bash takes '=' for a word of its own\n"
      "  [[ $word == = ]] && word=\n"
      "  [[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD-2]}\n"
      "  case $before in\n";
  for (const auto& [option, list] : values)
    script += fmt::format("    {}) COMPREPLY=($(compgen -W '{}' -- \"$word\")); return;;\n", option,
                          fmt::join(list, " "));
  script +=
      "  esac\n"
      "  for ((at = 1; at < COMP_CWORD; ++at)); do\n"
      "    case \"$path ${COMP_WORDS[at]}\" in\n";
  for (const auto& [path, list] : words)
    if (!path.empty()) script += fmt::format("      ' {}') path=' {}';;\n", path, path);
  script +=
      "    esac\n"
      "  done\n"
      "  case $path in\n";
  for (const auto& [path, list] : words)
    script += fmt::format("    '{}') COMPREPLY=($(compgen -W '{}' -- \"$word\"));;\n",
                          path.empty() ? path : " " + path, fmt::join(list, " "));
  script +=
      "  esac\n"
      "  [[ $path == ' compare' && $word != -* ]] && "
      "COMPREPLY+=($(compgen -f -X '!*.jsonl' -- \"$word\"))\n"
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
