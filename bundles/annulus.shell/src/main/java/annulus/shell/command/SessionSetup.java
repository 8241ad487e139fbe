package annulus.shell.command;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Callable;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.CommandSessionListener;
import org.apache.felix.service.command.Function;
import org.jline.builtins.Completers.CompletionData;
import org.jline.reader.Candidate;
import org.jline.reader.ParsedLine;
import org.jspecify.annotations.Nullable;

/**
 * Prepares Gogo sessions. Gogo's JLine shell keeps completions by command in the session; they are entered before the first line
 * that the session carries out, its profile. Gogo's own {@code help} finds help in Java methods only: it is extended by ours. Gogo's {@code exit} is {@code System.exit} and wants a number:
 * ours stops the container.
 */
final class SessionSetup implements CommandSessionListener {
  private static final String COMPLETIONS = ".completions";
  private static final String COMMAND_LINE = ".commandLine";
  private static final String COMPLETE = "__vm_complete";
  private static final String HELP = "help";
  private static final String EXIT = "exit";
  private static final String GOGO_HELP = "gogo:help";

  private final Map<String, Verb> verbs;
  private final Function complete;
  private final Function help = this::help;
  private final Function exit;
  private final Set<CommandSession> prepared = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  /** @param stop ends the container */
  SessionSetup(Map<String, Verb> verbs, Completion completion, Callable<?> stop) {
    this.verbs = verbs;
    exit = (session, arguments) -> stop.call();
    complete = (session, arguments) -> session.get(COMMAND_LINE) instanceof ParsedLine line
        ? completion.candidates(line.words(), line.wordIndex(), session.currentDir()) : List.<Candidate>of();
  }

  @Override public void beforeExecute(CommandSession session, CharSequence line) {
    Map<String, List<CompletionData>> completions = completions(session);
    if (completions != null && prepared.add(session)) {
      verbs.values().forEach(verb -> completions.put(verb.fullName(), data(verb)));
      session.put(COMPLETE, complete);
      session.put(HELP, help);
      session.put(EXIT, exit);
    }
  }

  /** Leaves no trace in the sessions: they outlive this bundle. */
  void undo() {
    for (CommandSession session : prepared.toArray(CommandSession[]::new)) {
      Map<String, List<CompletionData>> completions = completions(session);
      if (completions != null) {
        verbs.values().forEach(verb -> completions.remove(verb.fullName()));
      }
      session.put(COMPLETE, null);
      session.put(HELP, null);
      session.put(EXIT, null);
    }
    prepared.clear();
  }

  @SuppressWarnings("unchecked") // what the shell puts there
  private static @Nullable Map<String, List<CompletionData>> completions(CommandSession session) {
    return session.get(COMPLETIONS) instanceof Map<?, ?> map ? (Map<String, List<CompletionData>>) map : null;
  }

  private static List<CompletionData> data(Verb verb) {
    List<CompletionData> data = new ArrayList<>();
    data.add(new CompletionData(null, verb.description(), null, null));
    verb.line().getCommandSpec().options()
        .forEach(o -> data.add(new CompletionData(List.of(o.names()), String.join(" ", o.description()), null, null)));
    data.add(new CompletionData(null, null, COMPLETE, null));
    return data;
  }

  private @Nullable Object help(CommandSession session, List<Object> arguments) throws Exception {
    String name = arguments.size() == 1 ? String.valueOf(arguments.getFirst()) : "";
    Verb verb = name.startsWith(Verb.SCOPE + ':') ? verbs.get(name.substring(Verb.SCOPE.length() + 1)) : null;
    if (verb != null) {
      return verb.execute(session, List.of("--help"));
    }
    return session.get(GOGO_HELP) instanceof Function gogo ? gogo.execute(session, arguments) : null;
  }

  @Override public void afterExecute(CommandSession session, CharSequence line, Exception exception) {}

  @Override public void afterExecute(CommandSession session, CharSequence line, Object result) {}
}
