from profiling_pipeline.web.server import main

main()
