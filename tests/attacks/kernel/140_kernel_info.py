"""Attack 140: kernel info"""

IDEA = "Language, banner and help links are free texts."
SOURCE = "Jupyter messaging specification 5.4, kernel info"
WAY = "shell/kernel_info_reply/any"
CODE = """
on(
    "kernel_info_request",
    {
        "status": "ok",
        "protocol_version": "5.4",
        "implementation": SECRET,
        "implementation_version": SECRET,
        "banner": SECRET,
        "language_info": {
            "name": "python",
            "version": "3",
            "mimetype": "text/x-python",
            "file_extension": ".py",
            "secret": SECRET,
        },
        "help_links": [{"text": SECRET, "url": SECRET}],
    },
)
"""
ABSENT = ["SECRET"]
THEN = [("kernel_info_request", {})]
