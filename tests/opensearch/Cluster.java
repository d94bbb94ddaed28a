import java.io.BufferedReader;
import java.io.InputStreamReader;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/** Nodes of OpenSearch in this process: `stop N` and `start N` on standard input, whose end ends them all. */
public class Cluster {
  public static void main(String[] arguments) throws Exception {
    OpenSearchRunner runner = new OpenSearchRunner();
    runner.onBuild((number, settings) -> {
      settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
      // A node that is gone is missed at once.
      settings.put("cluster.fault_detection.follower_check.interval", "1s");
    });
    OpenSearchRunner.Configs configs = OpenSearchRunner.newConfigs().clusterName("afcli-" + arguments[1])
        .basePath(arguments[0]).baseHttpPort(Integer.parseInt(arguments[1])).numOfNode(Integer.parseInt(arguments[2]));
    runner.build(arguments.length > 3 ? configs.pluginTypes(arguments[3]) : configs);
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = commands.readLine()) != null; ) {
      String[] words = line.split(" ");
      int node = Integer.parseInt(words[1]);
      if (words[0].equals("stop")) {
        runner.getNode(node).close();
      } else {
        runner.startNode(node);
      }
    }
    System.exit(0);
  }
}
