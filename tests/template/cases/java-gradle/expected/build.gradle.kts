plugins {
    java
}

repositories {
    mavenCentral()
}

// `make lock` writes gradle.lockfile and gradle/verification-metadata.xml.
dependencyLocking {
    lockAllConfigurations()
    lockMode = LockMode.STRICT
}

dependencies {
    implementation("com.amazonaws:aws-lambda-java-core:1.4.0")
    implementation("com.amazonaws:aws-lambda-java-events:3.16.1")
    implementation("com.google.code.gson:gson:2.15.0")
    testImplementation("com.amazonaws:aws-lambda-java-tests:1.1.2")
    testImplementation("org.junit.jupiter:junit-jupiter:5.14.4")
    testRuntimeOnly("org.junit.platform:junit-platform-launcher:1.14.4")
}

tasks.withType<JavaCompile>().configureEach {
    options.release = 25
}

tasks.test {
    useJUnitPlatform()
}
