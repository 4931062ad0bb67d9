package shop.words;

/** Words that several functions say. */
public class Words {
    public static String hello(String name) {
        return "Hello, " + name + "!";
    }
}
