// Press a fob and read its code with Java's own HTTP client: java Press.java URL TOKEN FOB
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

public class Press {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static String bench(String method, String url, String token, String json) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method(method, json.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(json))
                .build();
        var answer = CLIENT.send(request, BodyHandlers.ofString());
        if (answer.statusCode() >= 400) { // RFC 9457
            throw new IllegalStateException(answer.body());
        }
        return answer.body();
    }

    public static void main(String[] args) throws Exception {
        String fob = args[0] + "/fobs/" + args[2];
        bench("POST", fob + "/button/press?wait=true", args[1], "{\"duration\": 0.2}");
        String text = bench("GET", fob + "/display/text", args[1], "");
        System.out.println(text.replaceAll(".*\"value\":\"([^\"]*)\".*", "$1"));
    }
}
